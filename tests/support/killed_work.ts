/**
 * Test support: work on places in a process that dies at a step of its own choosing.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fromFileUrl } from "./from_file_url.ts";
import { hostEnvironment } from "./program.ts";
import type { UserRepository } from "./user_repository.ts";

const FIXTURE = fromFileUrl(new URL("../fixtures/places/killed_at.ts", import.meta.url));

/**
 * Does the work in a process that dies before its n-th step; 0 for never.
 *
 * @returns the number of steps when it lives; `null` when it died
 */
export function workUntil(
  user: Pick<UserRepository, "base" | "home">,
  work: Record<string, unknown>,
  n: number,
): number | null {
  const request = join(user.base, "request.json");
  Deno.writeTextFileSync(request, JSON.stringify({ state: join(user.base, "state"), ...work }));
  const { success, signal, stdout, stderr } = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", FIXTURE, request, String(n)],
    // The caches of Deno are ours: with that HOME alone it would fetch and compile everything anew, for 12 s.
    env: { DENO_DIR: hostEnvironment({ env: {} }).DENO_DIR ?? "", HOME: user.home, XDG_CONFIG_HOME: "" },
  }).outputSync();
  if (success) return Number(new TextDecoder().decode(stdout));
  assert.equal(signal, "SIGKILL", new TextDecoder().decode(stderr));
  return null;
}
