/**
 * The README's reference of the tools is what the tools say. After a change of them: `deno task reference`.
 *
 * @module
 */
import assert from "node:assert/strict";
import { README, withReference } from "../support/reference.ts";

Deno.test("the README's tool reference is up to date", async () => {
  const readme = await Deno.readTextFile(README);
  assert.equal(readme, await withReference(readme), "stale: run `deno task reference`");
});
