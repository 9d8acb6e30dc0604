/** Long work that yields lets in what comes meanwhile, through sockets too. */
import assert from "node:assert/strict";
import { pause } from "../../src/system/pause.ts";
import { yieldToOthers } from "../../src/system/yielding/yield_to_others.ts";
import { NOT_LINUX, testUnless } from "../support/skippable.ts";

/** A message on its way to us: what `read` tells of it. */
async function messageFromElsewhere() {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const [sender, receiver] = await Promise.all([
    Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port }),
    listener.accept(),
  ]);
  return {
    send: () => sender.write(new Uint8Array(1)),
    read: () => receiver.read(new Uint8Array(1)),
    [Symbol.dispose]: () => [sender, receiver, listener].forEach((one) => one.close()),
  };
}

Deno.test("yielding lets in what comes through a socket, and timers that are due", async () => {
  using message = await messageFromElsewhere();
  // The first ones make the loop.
  for (let nth = 0; nth < 20; nth++) await yieldToOthers();
  let [isRead, isRung, rounds] = [false, false, 0];
  void message.read().then(() => isRead = true);
  setTimeout(() => isRung = true, 0);
  await message.send();
  const begun = performance.now();
  while (performance.now() - begun < 2) { /* the timer is due then */ }
  while (!isRead || !isRung) {
    await yieldToOthers();
    rounds++;
  }
  // `setImmediate` lets sockets in every sixtieth time.
  assert.ok(rounds <= 10, `${rounds} rounds`);
});

testUnless(
  NOT_LINUX,
  "yielding takes less than a timer, and who yields at the same time shares a round",
  async () => {
    for (let nth = 0; nth < 20; nth++) await yieldToOthers();
    const took = async (wait: () => Promise<void>) => {
      const begun = performance.now();
      for (let nth = 0; nth < 50; nth++) await Promise.all(Array.from({ length: 50 }, wait));
      return performance.now() - begun;
    };
    const [rounds, timers] = [await took(yieldToOthers), await took(() => pause(0))];
    assert.ok(rounds < timers, `${rounds} ms, and ${timers} with timers`);
  },
);

Deno.test("yielding is done by a timer where there can be no loop", async () => {
  const module = new URL("../../src/system/yielding/yield_to_others.ts", import.meta.url);
  const program = `const { yieldToOthers } = await import("${module}");
    let isRung = false;
    setTimeout(() => isRung = true, 20);
    while (!isRung) await yieldToOthers();
    console.log("rung");`;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-config",
      "--no-prompt",
      "--allow-read",
      "--deny-net",
      `data:application/javascript,${encodeURIComponent(program)}`,
    ],
  }).output();
  assert.equal(new TextDecoder().decode(stdout).trim(), "rung");
});
