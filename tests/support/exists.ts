/**
 * Test support: whether there is something at a path.
 *
 * @module
 */

export function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
