/**
 * Tests of room `domain`: the arithmetic of tokens, and what a turn's events add up to.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { EventBody } from "../../src/domain/event/event_body.ts";
import { Tally } from "../../src/domain/turn/tally.ts";
import { addUsage, NO_USAGE, subtractUsage, UNKNOWN_USAGE, Usage } from "../../src/domain/turn/usage.ts";

function usage(input: number, cached: number, output: number, more: Partial<Usage> = {}): Usage {
  return {
    input_tokens: input,
    cached_input_tokens: cached,
    output_tokens: output,
    total_tokens: input + output,
    ...more,
  };
}

Deno.test("usage: adds, and names reasoning and cost only where somebody did", () => {
  assert.deepEqual(addUsage(usage(10, 4, 5), usage(1, 1, 1)), usage(11, 5, 6));
  assert.deepEqual(addUsage(NO_USAGE, NO_USAGE), NO_USAGE);
  assert.deepEqual(
    addUsage(usage(10, 4, 5, { reasoning_tokens: 2 }), usage(1, 1, 1, { cost_usd: 0.25 })),
    usage(11, 5, 6, { reasoning_tokens: 2, cost_usd: 0.25 }),
  );
});

Deno.test("usage: subtracts what a session had used before, and undoes an addition", () => {
  const before = usage(100, 40, 20, { reasoning_tokens: 3 });
  const turn = usage(7, 2, 9, { reasoning_tokens: 1 });
  assert.deepEqual(subtractUsage(addUsage(before, turn), before), turn);
  assert.deepEqual(subtractUsage(before, before), usage(0, 0, 0, { reasoning_tokens: 0 }));
});

Deno.test("usage: a counter that began again has used what it reports, and nothing is below zero", () => {
  const before = usage(100, 40, 20);
  assert.deepEqual(subtractUsage(usage(5, 1, 2), before), usage(5, 1, 2));
  const odd = subtractUsage(usage(150, 10, 10), before);
  assert.deepEqual(odd, usage(50, 0, 0));
  assert.ok(Usage.safeParse(odd).success);
});

Deno.test("tally: an empty turn", () => {
  const tally = new Tally();
  assert.deepEqual(
    [tally.lastMessage, tally.sessionId, tally.model, tally.usage, tally.sessionUsage, tally.commandsRun],
    [null, null, null, null, null, 0],
  );
  assert.equal(tally.activity, "starting");
});

Deno.test("tally: the last message, each command once, the files that were really changed, the activity", () => {
  const long = "x".repeat(500);
  const session = usage(30, 3, 3);
  const steps: [EventBody, string][] = [
    [{ type: "session", session_id: "s", model: "m" }, "thinking"],
    [{ type: "status", state: "waiting", message: "w" }, "thinking"],
    [{ type: "message", text: "first" }, "thinking"],
    [
      { type: "command", id: "1", state: "started", command: `npm test\n${long}` },
      "running: npm test",
    ],
    [
      { type: "command", id: "1", state: "failed", command: "npm test", exit_code: 1 },
      "thinking",
    ],
    [{ type: "command", id: "2", state: "started", command: long }, `running: ${"x".repeat(119)}…`],
    [{ type: "error", message: "Reconnecting... 1/5", transient: true }, "retrying: Reconnecting... 1/5"],
    [
      { type: "file_change", id: "3", state: "started", changes: [{ path: "/a", kind: "add" }] },
      "editing files",
    ],
    [
      { type: "file_change", id: "3", state: "completed", changes: [{ path: "/a", kind: "add" }] },
      "thinking",
    ],
    [
      { type: "file_change", id: "4", state: "failed", changes: [{ path: "/b", kind: "add" }] },
      "thinking",
    ],
    [
      { type: "file_change", id: "5", state: "completed", changes: [{ path: "/a", kind: "delete" }] },
      "thinking",
    ],
    [{ type: "tool_call", id: "6", state: "started", tool: "lookup" }, "calling lookup"],
    [{ type: "tool_call", id: "6", state: "completed", tool: "lookup" }, "thinking"],
    [{ type: "web_search", id: "7", query: "q" }, "searching the web"],
    [{ type: "reasoning", text: "hm" }, "thinking"],
    [{ type: "message", text: "last" }, "thinking"],
    [{ type: "usage", usage: usage(10, 1, 1), session_usage: session }, "thinking"],
    [{ type: "usage", usage: usage(11, 1, 1) }, "thinking"],
    [{ type: "session", session_id: "s2" }, "thinking"],
    [{ type: "command", id: "8", state: "started", command: "rm" }, "running: rm"],
    [{ type: "command", id: "8", state: "declined", command: "rm" }, "thinking"],
    [{ type: "error", message: "broken", transient: false }, "failing"],
  ];
  const tally = new Tally();
  for (const [event, activity] of steps) {
    tally.count(event);
    assert.equal(tally.activity, activity, JSON.stringify(event).slice(0, 80));
  }
  assert.deepEqual(
    {
      lastMessage: tally.lastMessage,
      sessionId: tally.sessionId,
      model: tally.model,
      usage: tally.usage,
      sessionUsage: tally.sessionUsage,
      files: [...tally.files],
      commandsRun: tally.commandsRun,
      lastError: tally.lastError,
    },
    {
      lastMessage: "last",
      sessionId: "s2",
      model: "m",
      usage: usage(11, 1, 1),
      sessionUsage: session,
      files: ["/a"],
      commandsRun: 2,
      lastError: "broken",
    },
  );
});

Deno.test("unknown numbers stay unknown in sums and differences, and are never told as 0", () => {
  const cached = { ...NO_USAGE, input_tokens: 7, output_tokens: 3, total_tokens: 10, cached_input_tokens: 4 };
  const untold = { ...cached, cached_input_tokens: null };
  assert.deepEqual(addUsage(UNKNOWN_USAGE, UNKNOWN_USAGE), UNKNOWN_USAGE);
  assert.deepEqual(addUsage(NO_USAGE, UNKNOWN_USAGE), UNKNOWN_USAGE);
  assert.deepEqual(addUsage(cached, UNKNOWN_USAGE), cached, "what is known counts");
  assert.equal(addUsage(untold, untold).cached_input_tokens, null);
  assert.equal(addUsage(untold, cached).cached_input_tokens, 4);
  assert.equal(subtractUsage(cached, untold).cached_input_tokens, null);
  assert.deepEqual(addUsage({ ...UNKNOWN_USAGE, cost_usd: 1 }, { ...UNKNOWN_USAGE, cost_usd: 2 }), {
    ...UNKNOWN_USAGE,
    cost_usd: 3,
  });
});
