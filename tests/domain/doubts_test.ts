/** Tests of room `domain`: what makes a success doubtful, and how commands that failed are counted. */
import assert from "node:assert/strict";
import type { EventBody } from "../../src/domain/event/event_body.ts";
import { DID_NOTHING, doubtsOf, SAID_NOTHING, STILL_RUNNING } from "../../src/domain/turn/doubts.ts";
import { Tally } from "../../src/domain/turn/tally.ts";
import { addTotals, NOTHING_RUN, NOTHING_TOLD, type Verdict } from "../../src/domain/turn/turn.ts";

const DONE: Verdict = { status: "done", reason: "completed" };
const SAID: EventBody = { type: "message", text: "All done." };

type Command = Extract<EventBody, { type: "command" }>;

function command(change: Partial<Command> = {}): Command {
  return { type: "command", id: "1", state: "completed", command: "make", ...change };
}

function tallyOf(events: readonly EventBody[]): Tally {
  const tally = new Tally();
  for (const event of events) tally.count(event);
  return tally;
}

function doubts(
  events: readonly EventBody[],
  { verdict = DONE, policy = "auto-edit", tellsAll = true }: {
    verdict?: Verdict;
    policy?: "suggest" | "auto-edit" | "full-auto";
    tellsAll?: boolean;
  } = {},
): string[] {
  const tally = tallyOf(events);
  return doubtsOf(verdict, { tally, result: tally.lastMessage, policy, tellsAll });
}

Deno.test("doubts: an agent that may write and only says that it is done has done nothing", () => {
  assert.deepEqual(doubts([SAID]), [DID_NOTHING]);
  assert.deepEqual(doubts([SAID], { policy: "full-auto" }), [DID_NOTHING]);
  const declined: EventBody = { type: "tool_call", id: "2", state: "declined", tool: "write" };
  assert.deepEqual(doubts([command({ state: "declined" }), declined, SAID]), [DID_NOTHING]);
  const unchanged: EventBody = { type: "file_change", id: "3", state: "failed", changes: [] };
  assert.deepEqual(doubts([unchanged, SAID]), [DID_NOTHING]);
  assert.deepEqual(doubts([]), [SAID_NOTHING]);
});

Deno.test("doubts: none where nothing had to be done, something was, or the agent would not tell", () => {
  assert.deepEqual(doubts([SAID], { policy: "suggest" }), []);
  assert.deepEqual(doubts([SAID], { tellsAll: false }), []);
  const acts: EventBody[] = [
    command(),
    { type: "tool_call", id: "1", state: "completed", tool: "read" },
    { type: "web_search", id: "1", query: "how" },
    { type: "file_change", id: "1", state: "completed", changes: [{ path: "a", kind: "add" }] },
  ];
  for (const act of acts) assert.deepEqual(doubts([act, SAID]), [], act.type);
});

Deno.test("doubts: commands that still ran at the end are told of a success, and no failure is doubted", () => {
  const cut = command({ state: "failed", ended: true });
  assert.deepEqual(doubts([command({ state: "started" }), cut, SAID]), [STILL_RUNNING]);
  const failures: Verdict[] = [
    { status: "cancelled", reason: "cancelled" },
    { status: "error", reason: "timed_out", error: "too long", hint: null, retry_at: null },
  ];
  for (const verdict of failures) assert.deepEqual(doubts([cut], { verdict }), []);
});

Deno.test("tally: a command counts as failed once, by its state or exit code, and not when it was ended", () => {
  const failed = (...events: EventBody[]) => {
    const tally = tallyOf(events);
    return [tally.commandsRun, tally.commandsFailed, tally.commandsEnded];
  };
  assert.deepEqual(failed(), [0, 0, 0]);
  assert.deepEqual(failed(command({ state: "started" })), [1, 0, 0]);
  assert.deepEqual(failed(command({ state: "started" }), command({ state: "failed", exit_code: 3 })), [
    1,
    1,
    0,
  ]);
  assert.deepEqual(failed(command({ exit_code: 0 }), command({ id: "2", exit_code: 1 })), [2, 1, 0]);
  assert.deepEqual(failed(command({ state: "failed" }), command({ state: "failed" })), [1, 1, 0]);
  assert.deepEqual(failed(command({ state: "declined" })), [0, 0, 0]);
  assert.deepEqual(failed(command({ state: "failed", ended: true })), [1, 0, 1]);
});

Deno.test("totals: failed commands add up over turns, of those that tell", () => {
  const of = (commands_failed: number | null) => ({ ...NOTHING_RUN, commands_run: 5, commands_failed });
  const { commands_failed: _unknown, ...earlier } = of(0);
  assert.equal(addTotals(of(1), of(2)).commands_failed, 3);
  assert.equal(addTotals(of(1), NOTHING_TOLD).commands_failed, 1);
  assert.equal(addTotals(earlier, of(2)).commands_failed, 2);
  assert.equal(addTotals(earlier, earlier).commands_failed, null);
});
