/**
 * Which turns are two-way.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { LiveDriver } from "../../src/agents/live_driver.ts";
import { talkFor } from "../../src/scheduler/talk/choose_talk.ts";

const LIVE: LiveDriver = {
  steers: null,
  command: () => ({ args: [], env: {}, stdin: "channel" }),
  talk() {
    throw new Error("Nobody talks here");
  },
};

const SAYS_NOTHING = { version: "2.0.0" };

Deno.test("a turn that asks is two-way, whatever the configuration says", () => {
  assert.equal(talkFor({ live: LIVE }, "ask", { ...SAYS_NOTHING, live: false }), LIVE);
  assert.equal(talkFor({}, "ask", SAYS_NOTHING), null);
  assert.equal(talkFor({ live: { ...LIVE, policies: ["suggest"] } }, "ask", SAYS_NOTHING), null);
});

Deno.test("what an agent can be held to in one way alone is run that way", () => {
  const driver = { live: LIVE, policies: ["suggest"] } as const;
  assert.equal(talkFor(driver, "auto-edit", SAYS_NOTHING), LIVE);
  assert.equal(talkFor(driver, "suggest", SAYS_NOTHING), null);
});

Deno.test("else the configuration says, and where it does not, whether the driver has proved itself", () => {
  const proved: LiveDriver = {
    ...LIVE,
    isDefault: true,
    defaultSince: "2.0.0",
    takesArgs: (args) => !args.includes("--odd"),
  };
  const isTwoWay = (live: LiveDriver, choice: Partial<Parameters<typeof talkFor>[2]>) =>
    talkFor({ live }, "auto-edit", { ...SAYS_NOTHING, ...choice }) !== null;
  assert.equal(isTwoWay(LIVE, {}), false);
  assert.equal(isTwoWay(LIVE, { live: true }), true);
  assert.equal(isTwoWay(proved, {}), true);
  assert.equal(isTwoWay(proved, { live: null }), true);
  assert.equal(isTwoWay(proved, { live: false }), false);
  assert.equal(isTwoWay(proved, { version: "1.9.0" }), false);
  assert.equal(isTwoWay(proved, { version: null }), false);
  assert.equal(isTwoWay(proved, { args: ["--odd"] }), false);
  assert.equal(isTwoWay(proved, { args: ["--odd"], version: null, live: true }), true);
});
