/**
 * Room `agents`: what `codex app-server` tells of without being asked. Three kinds: what becomes a warning, what is
 * known and tells nothing that a reader of a job needs, and all that a later version knows, which is a `raw` event.
 *
 * @module
 */
import type { EventBody } from "../../../domain/event/event_body.ts";
import { isBlank } from "../../reading/said.ts";
import type { Params } from "./messages.ts";

/**
 * Notifications that Codex is asked to leave out: parts of what comes as a whole, and what repeats at every step. A
 * version that does not know the request sends them all the same.
 */
export const UNWANTED: readonly string[] = [
  "account/rateLimits/updated",
  "command/exec/outputDelta",
  "item/agentMessage/delta",
  "item/commandExecution/outputDelta",
  "item/commandExecution/terminalInteraction",
  "item/fileChange/outputDelta",
  "item/fileChange/patchUpdated",
  "item/mcpToolCall/progress",
  "item/plan/delta",
  "item/reasoning/summaryPartAdded",
  "item/reasoning/summaryTextDelta",
  "item/reasoning/textDelta",
  "process/outputDelta",
  "remoteControl/status/changed",
  "thread/readState/changed",
  "thread/started",
  "thread/status/changed",
  "turn/diff/updated",
];

/** Known, and of no interest to who reads a job. */
const SILENT: ReadonlySet<string> = new Set([
  ...UNWANTED,
  "account/gatewayOAuth/changed",
  "account/login/completed",
  "account/updated",
  "app/list/updated",
  "autoApprovalReview/strictReviewRequired",
  "fs/changed",
  "hook/completed",
  "hook/started",
  "item/autoApprovalReview/completed",
  "item/autoApprovalReview/started",
  "mcpServer/event/stream/notification",
  "mcpServer/oauthLogin/completed",
  "model/safetyBuffering/updated",
  "model/verification",
  "modelProvider/authRecoveryCompleted",
  "modelProvider/authRecoveryStarted",
  "process/exited",
  "project/changed",
  "rawResponse/completed",
  "rawResponseItem/completed",
  "skills/changed",
  "thread/archived",
  "thread/attachment/updated",
  "thread/closed",
  "thread/compacted",
  "thread/deleted",
  "thread/environment/connected",
  "thread/environment/disconnected",
  "thread/goal/cleared",
  "thread/goal/updated",
  "thread/name/updated",
  "thread/prediction/updated",
  "thread/project/updated",
  "thread/queue/changed",
  "thread/section/changed",
  "thread/settings/updated",
  "thread/unarchived",
  "turn/moderationMetadata",
]);

/**
 * Warnings on every run that no user can do anything about: Codex has a sandbox program of its own where it finds none,
 * and that a project's settings have no say is our own order.
 */
const EXPECTED = /could not find bubblewrap on PATH|project-local config.{0,80}\bdisabled\b/i;

/** The warning in a notification; `null` for one that holds none; "unknown" for a method that is not known. */
export function noticeEvent(method: string, params: Params): EventBody | null | "unknown" {
  switch (method) {
    case "warning":
    case "guardianWarning":
      return warning([params["message"]]);
    case "configWarning":
    case "deprecationNotice":
    case "windows/worldWritableWarning":
      return warning([params["summary"], params["details"]]);
    case "model/rerouted":
      return warning([`Codex goes on with the model ${params["toModel"]} instead of ${params["fromModel"]}`]);
    case "mcpServer/startupStatus/updated":
      return params["status"] === "failed"
        ? warning([params["error"] ?? `The MCP server ${params["name"]} did not start`])
        : null;
    default:
      return SILENT.has(method) ? null : "unknown";
  }
}

function warning(parts: readonly unknown[]): EventBody | null {
  const message = parts.filter((part) => typeof part === "string" && !isBlank(part)).join("\n").trim();
  return message === "" || EXPECTED.test(message) ? null : { type: "warning", message };
}
