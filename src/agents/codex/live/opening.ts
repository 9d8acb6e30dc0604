/**
 * Room `agents`: the first words to `codex app-server`: who we are, and which thread with what it may do.
 *
 * @module
 */
import type { ApprovalPolicy } from "../../../domain/agent/policy.ts";
import type { TalkContext } from "../../live_driver.ts";
import type { Saying } from "../../turn_reader.ts";
import { closedToGit, strictSchemaOf } from "../command.ts";
import { notification, type Params, request } from "./messages.ts";
import { UNWANTED } from "./notices.ts";

/** Keys of our requests. */
export const INITIALIZE = "initialize";
export const THREAD = "thread";
export const TURN = "turn";

type Opening = Pick<
  TalkContext,
  | "sessionId"
  | "policy"
  | "model"
  | "cwd"
  | "gitDirs"
  | "nestedRepositories"
  | "tempDirs"
  | "resultSchema"
  | "ownGitDir"
>;

/**
 * All at once: Codex answers in order, and waiting for each answer would cost a look at its output each.
 *
 * `cwd` is never said: told one, Codex writes into the user's configuration that the project is trusted, and starts what
 * the project's own settings name (0.171). Its own working directory is the turn's.
 */
export function opening(context: Opening): Saying[] {
  const { sessionId, model } = context;
  const thread = {
    ...(model === null ? {} : { model }),
    ...permissions(context.policy),
    ...roots(context),
  };
  return [
    request(INITIALIZE, "initialize", {
      clientInfo: { name: "agent-async", title: "agent-async", version: "0" },
      capabilities: {
        // For the clean-up of background terminals, and for roots.
        experimentalApi: true,
        requestAttestation: false,
        optOutNotificationMethods: UNWANTED,
      },
    }),
    notification("initialized"),
    sessionId === null
      ? request(THREAD, "thread/start", thread)
      : request(THREAD, "thread/resume", { threadId: sessionId, excludeTurns: true, ...thread }),
  ];
}

function permissions(policy: ApprovalPolicy): Params {
  switch (policy) {
    case "suggest":
      return { approvalPolicy: "never", sandbox: "read-only" };
    case "auto-edit":
      return { approvalPolicy: "never", sandbox: "workspace-write" };
    case "ask":
      // The user's configuration may send approvals to a model instead.
      return { approvalPolicy: "on-request", approvalsReviewer: "user", sandbox: "workspace-write" };
    case "full-auto":
      return { approvalPolicy: "never", sandbox: "danger-full-access" };
  }
}

function isSandboxed(policy: ApprovalPolicy): boolean {
  return policy === "auto-edit" || policy === "ask";
}

function namedRoots(context: Opening): readonly string[] {
  return isSandboxed(context.policy) ? closedToGit(context).roots : [];
}

function roots(context: Opening): Params {
  const named = namedRoots(context);
  return named.length === 0 ? {} : { runtimeWorkspaceRoots: [context.cwd, ...named] };
}

/**
 * The turn's request. What the thread was not given, for want of a member that this version knows, the turn brings.
 *
 * @param thread Codex's answer to the request of the thread
 */
export function turnStart(
  context: Opening,
  { threadId, thread, text }: { threadId: string; thread: Params; text: string },
): Saying {
  const schema = strictSchemaOf(context);
  return request(TURN, "turn/start", {
    threadId,
    input: [textInput(text)],
    // A thread goes on in the directory in which it began, unless told.
    ...(thread["cwd"] === context.cwd || typeof thread["cwd"] !== "string" ? {} : { cwd: context.cwd }),
    ...missingRoots(namedRoots(context), thread["sandbox"]),
    ...(schema === null ? {} : { outputSchema: schema }),
  });
}

export function textInput(text: string): Params {
  return { type: "text", text, text_elements: [] };
}

/** Versions before 0.147 or so know no `runtimeWorkspaceRoots`, and leave the `.git` of these open. */
function missingRoots(named: readonly string[], sandbox: unknown): Params {
  if (named.length === 0 || typeof sandbox !== "object" || sandbox === null) return {};
  const { writableRoots } = { writableRoots: [], ...sandbox };
  const known: unknown[] = Array.isArray(writableRoots) ? writableRoots : [];
  const missing = named.filter((path) => !known.includes(path));
  return missing.length === 0 ? {} : { sandboxPolicy: { ...sandbox, writableRoots: [...known, ...missing] } };
}
