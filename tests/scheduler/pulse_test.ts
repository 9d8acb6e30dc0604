import assert from "node:assert/strict";
import { CALM_MS, Pulse } from "../../src/scheduler/pulse.ts";

const { signal } = new AbortController();

Deno.test("Pulse: whoever hurries again and again does not put the beat off", async () => {
  for (const eager of [true, false]) {
    const pulse = new Pulse();
    const haste = setInterval(() => pulse.hurry(), 5);
    const began = performance.now();
    await pulse.next({ eager: () => eager, signal });
    clearInterval(haste);
    assert.ok(performance.now() - began < 10 * CALM_MS);
  }
});

Deno.test("Pulse: a calm sleeper that somebody begins to wait for is woken sooner", async () => {
  const pulse = new Pulse();
  let isEager = false;
  const woken: string[] = [];
  const calm = pulse.next({ eager: () => isEager, signal }).then(() => woken.push("sleeper"));
  const late = new Promise((resolve) => setTimeout(resolve, CALM_MS - 10)).then(() => woken.push("timer"));
  isEager = true;
  pulse.hurry();
  await Promise.all([calm, late]);
  assert.deepEqual(woken, ["sleeper", "timer"]);
});
