/** Long work lets others have their turn. */
import assert from "node:assert/strict";
import { Slices } from "../../src/system/yielding/slices.ts";

Deno.test("slices: timers fire while work that never ends by itself goes on", async () => {
  let isOver = false;
  setTimeout(() => isOver = true, 0);
  const slices = new Slices();
  const end = performance.now() + 60_000;
  while (!isOver && performance.now() < end) await slices.pause();
  assert.ok(isOver);
});
