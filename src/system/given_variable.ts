/**
 * Room `system`: environment variables as people mean them. Every front-end reads this before it greets its host.
 *
 * @module
 */

/** What a host writes for a variable of its settings that is not set: `${NAME}`, `${NAME:-}`, `${env:NAME}`. */
const UNEXPANDED = /^\$\{[^{}]*\}$/;

/** The value of a setting, or `undefined` where it is not set, empty, or the reference itself instead of its value. */
export function givenVariable(env: Readonly<Record<string, string>>, name: string): string | undefined {
  const value = env[name];
  return value === undefined || value.trim() === "" || UNEXPANDED.test(value.trim()) ? undefined : value;
}
