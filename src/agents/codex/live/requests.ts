/**
 * Room `agents`: the requests of `codex app-server` that somebody has to answer.
 *
 * @module
 */
import { elicitationQuestion, elicitationReply } from "../../reading/elicitation.ts";
import { approval, type Asked, type Response, single } from "./asked.ts";
import type { Params, RequestId } from "./messages.ts";
import { askedPermissions } from "./permissions.ts";
import { askedUserInput } from "./user_input.ts";
import { commandWords, fileChangeWords, mcpToolWords, type Site } from "./words.ts";

/** The question of a request; `null` for a request that is not known. */
export function askedBy(id: RequestId, method: string, params: Params, site: Site): Asked | null {
  const questionId = String(id);
  switch (method) {
    case "item/commandExecution/requestApproval":
      return approval(questionId, commandWords(params, site), decisionOf);
    case "item/fileChange/requestApproval":
      return approval(questionId, fileChangeWords(params, site), decisionOf);
    case "item/permissions/requestApproval":
      return askedPermissions(questionId, params, site);
    case "item/tool/requestUserInput":
      return askedUserInput(questionId, params);
    case "mcpServer/elicitation/request":
      return elicitation(questionId, params, site);
    default:
      return null;
  }
}

/** With `decline` the turn goes on without the action; `cancel` would end it. */
function decisionOf(isAllowed: boolean): Response {
  return { result: { decision: isAllowed ? "accept" : "decline" } };
}

/** Codex asks about calls of MCP tools in the form of an elicitation. Real ones are handed on from the server. */
function elicitation(id: string, params: Params, { cwd, items }: Site): Asked {
  const meta = params["_meta"];
  const isTool = typeof meta === "object" && meta !== null && "codex_approval_kind" in meta &&
    meta.codex_approval_kind === "mcp_tool_call";
  const server = text(params["serverName"]) || "unknown";
  if (isTool) {
    const item = items.mcpCall(server);
    return approval(
      id,
      mcpToolWords(server, { ...meta }, { cwd, items }),
      (isAllowed) =>
        isAllowed
          ? { result: { action: "accept", content: {}, _meta: null } }
          : { result: { action: "decline", content: null, _meta: null }, declinedItem: item },
    );
  }
  const url = params["mode"] === "url" ? text(params["url"]) : undefined;
  const asked = { id, server, message: text(params["message"]), url, schema: params["requestedSchema"] };
  return single(elicitationQuestion(asked), (settlement) => {
    if (settlement === "refused") return { result: { action: "decline", content: null, _meta: null } };
    const { action, content = null } = elicitationReply(asked, settlement);
    return { result: { action, content, _meta: null } };
  });
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
