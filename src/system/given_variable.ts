/**
 * Room `system`: reads settings from environment variables. Every front-end loads this file before it greets its host,
 * so it imports nothing.
 *
 * @module
 */

/**
 * A reference that some hosts pass on unexpanded when the variable is not set: `${NAME}`, `${NAME:-}`, `${env:NAME}`.
 */
const UNEXPANDED = /^\$\{[^{}]*\}$/;

/**
 * The value of a variable. `undefined` when it is not set, blank, or an unexpanded reference such as `${NAME}`.
 */
export function givenVariable(env: Readonly<Record<string, string>>, name: string): string | undefined {
  const value = env[name];
  return value === undefined || value.trim() === "" || UNEXPANDED.test(value.trim()) ? undefined : value;
}
