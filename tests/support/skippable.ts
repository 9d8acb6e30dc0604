/**
 * Test support: tests that cannot be had everywhere. What is missing is found out before they run, and they say it
 * instead of passing.
 *
 * @module
 */

/** @param cannot why it cannot be had here; `null` when it can */
export function testUnless(
  cannot: string | null,
  name: string,
  fn: (t: Deno.TestContext) => Promise<void> | void,
) {
  Deno.test({ name: cannot === null ? name : `${name} (skipped: ${cannot})`, ignore: cannot !== null, fn });
}
