/**
 * Room `agents`: what a request of Claude Code's asks, and how it is answered.
 *
 * @module
 */
import type { AskedQuestion, QuestionOption } from "../../../domain/question/question.ts";
import { elicitationQuestion, elicitationReply } from "../../reading/elicitation.ts";
import type { Asked, Response, Settlement } from "./asked.ts";
import type { KnownRequest, ToolRequest } from "./lines.ts";
import { toolWords } from "./tool_words.ts";
import { askedUserQuestions } from "./user_questions.ts";

/** What is asked, of whatever kind of request. */
export function askedBy(requestId: string, request: KnownRequest): Asked {
  if (request.subtype === "elicitation") {
    const { mcp_server_name: server, message, url, requested_schema: schema } = request;
    const asked = { id: requestId, server, message, url, schema };
    return single(requestId, elicitationQuestion(asked), (settlement) => ({
      response: {
        ...("why" in settlement ? { action: "decline" } : elicitationReply(asked, settlement.answer)),
      },
    }));
  }
  return askedUserQuestions(requestId, request) ??
    single(requestId, approval(requestId, request), (settlement) => permission(request, settlement));
}

/** The response by which a request is turned down at once, where nobody can be asked. */
export function refusal(request: KnownRequest, why: string): Response {
  return request.subtype === "elicitation"
    ? { response: { action: "decline" } }
    : { response: { behavior: "deny", message: why }, rejectedCall: request.tool_use_id };
}

/** Only for this once: what Claude Code suggests beside it would outlive the turn. */
const OPTIONS: readonly QuestionOption[] = [
  { id: "allow", label: "Allow this once", kind: "allow" },
  { id: "reject", label: "Reject", kind: "reject" },
];

const REJECTED =
  "The user rejected this call. Go on without it, and do not try to do the same in another way.";

function approval(
  id: string,
  { tool_name: tool, input, decision_reason: reason }: ToolRequest,
): AskedQuestion {
  return { question_id: id, kind: "approval", ...toolWords(tool, input, reason), options: [...OPTIONS] };
}

function permission({ input, tool_use_id: id }: ToolRequest, settlement: Settlement): Response {
  if ("why" in settlement) {
    return { response: { behavior: "deny", message: notAnswered(settlement.why) }, rejectedCall: id };
  }
  const { option, text = "" } = settlement.answer;
  const words = text.trim();
  if (option !== "allow") {
    const message = words === "" ? REJECTED : `${REJECTED} The user says: ${words}`;
    return { response: { behavior: "deny", message }, rejectedCall: id };
  }
  return {
    // Versions before 2.1.329 take no permission without the arguments.
    response: { behavior: "allow", updatedInput: input },
    ...(words === "" ? {} : { remark: words }),
  };
}

/** What the model is told when nobody answered. */
function notAnswered(why: string): string {
  return `Not allowed: ${
    why.trim().replace(/\.$/, "")
  }. Go on without it, and do not try to do the same in another way.`;
}

function single(requestId: string, question: AskedQuestion, settle: (how: Settlement) => Response): Asked {
  return { requestId, questions: [question], settle: (_id, settlement) => settle(settlement) };
}
