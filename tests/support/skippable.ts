/**
 * Test support: tests that cannot be had everywhere. What is missing is found out before they run, and they say it
 * instead of passing.
 *
 * @module
 */

export const NOT_LINUX: string | null = Deno.build.os === "linux" ? null : "it takes a Linux";

export const NOT_ROOT: string | null = Deno.build.os !== "windows" && Deno.uid() === 0
  ? null
  : "only the superuser can give files away";

export const NO_PIPES: string | null = Deno.build.os === "windows"
  ? "Windows has no pipes among its files"
  : null;

/** @param cannot why it cannot be had here; `null` when it can */
export function testUnless(
  cannot: string | null,
  name: string,
  fn: (t: Deno.TestContext) => Promise<void> | void,
) {
  Deno.test({ name: cannot === null ? name : `${name} (skipped: ${cannot})`, ignore: cannot !== null, fn });
}
