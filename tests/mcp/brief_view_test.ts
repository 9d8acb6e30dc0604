/** What lists tell a model of a job whose changes wait to be taken over. */
import assert from "node:assert/strict";
import { BRIEF_DETAILS, briefLine, briefView } from "../../src/mcp/views/brief_view.ts";
import { aBrief } from "../support/scripted_service.ts";

Deno.test("a brief says that changes are not applied, however short it is", () => {
  const context = { fenced: (text: string) => text };
  const open = aBrief({ status: "done", activity: undefined, work: "not_applied" });
  const other = aBrief({ status: "done", activity: undefined });
  for (const detail of BRIEF_DETAILS) {
    assert.equal(briefView(open, detail, context)["work"], "not_applied", detail);
    assert.match(briefLine(open, detail), /, changes not applied/, detail);
    assert.equal("work" in briefView(other, detail, context), false, detail);
    assert.doesNotMatch(briefLine(other, detail), /applied/, detail);
  }
});
