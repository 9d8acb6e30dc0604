/** A moment between two looks. */
import assert from "node:assert/strict";

Deno.test("pause: ends with its signal, and then keeps no process from ending", async () => {
  const child = await new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      `import { pause } from ${JSON.stringify(new URL("../../src/system/pause.ts", import.meta.url).href)};
       const given = new AbortController();
       const paused = pause(600_000, given.signal);
       given.abort();
       await paused;
       await pause(600_000, given.signal);
       console.log("over");`,
    ],
    stdin: "null",
    signal: AbortSignal.timeout(60_000),
  }).output();
  assert.equal(new TextDecoder().decode(child.stdout), "over\n");
  assert.ok(child.success);
});
