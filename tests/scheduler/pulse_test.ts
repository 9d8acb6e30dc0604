/**
 * The beat at which running turns are looked at.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  CALM_MS,
  EAGER_MS,
  LONGEST_MS,
  LONGEST_SILENT_MS,
  Pulse,
  SILENT_MS,
} from "../../src/scheduler/pulse.ts";
import { eventually } from "../support/eventually.ts";

const CALM = { silent: false, eager: () => false, hasNews: () => false };

/** How often a calm sleeper without news is looked at until its longest sleep is over. */
async function calmLooks(pulse: Pulse): Promise<number> {
  let looks = 0;
  const hasNews = () => ++looks === 0;
  await pulse.sleep({ ...CALM, hasNews }).over;
  return looks;
}

Deno.test("a sleeper without news sleeps its longest, and is looked at on every beat", async () => {
  const begun = performance.now();
  const looks = await calmLooks(new Pulse());
  assert.ok(performance.now() - begun >= LONGEST_MS);
  assert.ok(looks >= 1 && looks <= LONGEST_MS / CALM_MS, `${looks} looks`);
});

Deno.test("one that has long been silent is looked at half as often, and as often as any when somebody waits", async () => {
  const pulse = new Pulse();
  const looks = { calm: 0, silent: 0 };
  const look = (name: keyof typeof looks) => () => {
    looks[name]++;
    return false;
  };
  const begun = performance.now();
  const silent = pulse.sleep({ silent: true, eager: () => false, hasNews: look("silent") });
  await pulse.sleep({ silent: false, eager: () => false, hasNews: look("calm") }).over;
  assert.ok(looks.silent <= looks.calm / 2 + 1, JSON.stringify(looks));
  await silent.over;
  assert.ok(performance.now() - begun >= LONGEST_SILENT_MS);
  await eventually(async () => {
    looks.silent = 0;
    await pulse.sleep({ silent: true, eager: () => true, hasNews: look("silent") }).over;
    return looks.silent > LONGEST_MS / SILENT_MS;
  }, { what: "as many looks as at any other" });
});

Deno.test("news wakes its sleeper and nobody else", async () => {
  const pulse = new Pulse();
  let isThere = false;
  let others = 0;
  const sleep = pulse.sleep({ silent: false, eager: () => false, hasNews: () => isThere });
  const other = pulse.sleep(CALM);
  other.over.then(() => others++);
  isThere = true;
  await sleep.over;
  assert.equal(others, 0);
  other.wake();
  await other.over;
});

Deno.test("a sleeper who is waited for is looked at more often, from the moment on that it is", async () => {
  const threeLooksMs = async () => {
    const pulse = new Pulse();
    const looks: number[] = [];
    let isEager = false;
    const sleep = pulse.sleep({
      silent: false,
      eager: () => isEager,
      hasNews: () => {
        looks.push(performance.now());
        return looks.length === 4;
      },
    });
    isEager = true;
    pulse.hurry();
    await sleep.over;
    const [first = 0, last = 0] = [looks[0], looks.at(-1)];
    return last - first;
  };
  // A busy machine may be late once; who is not looked at more often is never so quick.
  await eventually(async () => await threeLooksMs() < 3 * CALM_MS, {
    what: `three looks of ${EAGER_MS} ms each`,
  });
});

Deno.test("nothing is left behind when all have been woken", async () => {
  const pulse = new Pulse();
  const sleeps = Array.from({ length: 10 }, () => pulse.sleep(CALM));
  for (const { wake } of sleeps) wake();
  await Promise.all(sleeps.map(({ over }) => over));
  let looks = 0;
  const late = pulse.sleep({ silent: false, eager: () => false, hasNews: () => looks++ > 0 });
  await eventually(() => looks > 1, { what: "the beat to go on" });
  await late.over;
});

Deno.test("one that prints is looked at as often as ever beside one that has long been silent", async () => {
  await eventually(async () => {
    const pulse = new Pulse();
    pulse.sleep({ ...CALM, silent: true });
    return await calmLooks(pulse) > LONGEST_MS / SILENT_MS;
  }, { what: "the looks of a calm one" });
});

Deno.test("a client that asks again and again, faster than the beat, does not put the beat off", async () => {
  const fiveLooksMs = async () => {
    const pulse = new Pulse();
    let looks = 0;
    const sleep = pulse.sleep({ silent: false, eager: () => true, hasNews: () => looks++ === 4 });
    const asking = setInterval(() => pulse.hurry(), EAGER_MS / 4);
    const begun = performance.now();
    await sleep.over;
    clearInterval(asking);
    return performance.now() - begun;
  };
  // Else it is always its longest sleep that ends it.
  await eventually(async () => await fiveLooksMs() < LONGEST_MS, { what: "five looks" });
});
