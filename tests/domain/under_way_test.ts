/** @module */
import assert from "node:assert/strict";
import type { EventBody } from "../../src/domain/event/event_body.ts";
import { UnderWay } from "../../src/domain/event/under_way.ts";

const command = (state: "started" | "completed", id = "1"): EventBody => ({
  type: "command",
  id,
  state,
  command: "npm test",
});
const reportCall = (state: "started" | "completed"): EventBody => ({
  type: "tool_call",
  id: "r",
  state,
  server: "agent-async",
  tool: "agent_notify_done",
});
const message: EventBody = { type: "message", text: "Done." };
const retry: EventBody = { type: "error", message: "no connection", transient: true };

function after(...events: (EventBody | "report")[]): boolean {
  const underWay = new UnderWay();
  for (const event of events) event === "report" ? underWay.reported() : underWay.count(event);
  return underWay.isKnown;
}

Deno.test("a command is under way from its start to its end, and then the model that gets its output", () => {
  assert.equal(after(), false);
  assert.equal(after(command("started")), true);
  assert.equal(after(command("started"), command("completed")), true);
  assert.equal(after(command("started"), command("completed"), message), false);
  assert.equal(
    after(command("started", "1"), command("started", "2"), command("completed", "2"), message),
    true,
  );
});

Deno.test("a model call is under way while it is tried again", () => {
  assert.equal(after(retry), true);
  assert.equal(after(retry, { type: "warning", message: "w" }), true);
  assert.equal(after(retry, message), false);
  assert.equal(after({ ...retry, transient: false }), false);
});

Deno.test("a report is an answer of the model: what came before it is over, but for a command that runs and a retry", () => {
  assert.equal(after(command("started"), command("completed"), "report"), false);
  assert.equal(after(command("started"), "report"), true);
  assert.equal(after(retry, "report"), true);
  assert.equal(after("report", command("started"), command("completed")), true);
});

Deno.test("the report's own tool call is no work that it would have to wait for", () => {
  assert.equal(after(reportCall("started"), "report"), false);
  assert.equal(after(reportCall("started"), "report", reportCall("completed")), false);
});
