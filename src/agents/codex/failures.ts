/**
 * Room `agents`: what Codex means when it fails, from its own words (0.125 to 0.169) on stdout and stderr.
 *
 * @module
 */
import { CODEX_HINTS } from "./profile.ts";
import { CODEX_READ_ONLY_REASON } from "./read_only.ts";
import { plainText } from "../../domain/event/transcript.ts";
import type { Failure } from "../../domain/turn/turn.ts";
import type { Remains } from "../turn_reader.ts";
import { readRetryTime } from "../reading/retry_time.ts";
import { saidIn } from "../reading/said.ts";

/** The apostrophe of "You've" is a typographic one in 0.169. */
const QUOTA =
  /hit your usage limit|usage limit (?:has been )?reached|usage_limit_reached|quota exceeded|insufficient_quota|out of credits|(?:credit|spend|spending) limit|status:? 429|429 too many requests|rate limit (?:exceeded|reached)|rate_limit_exceeded/i;
const AUTH =
  /status:? 401|401 unauthorized|not logged in|refresh token|access token could not be refreshed|please (?:log ?in|sign in|log out and sign in)|authentication session could not be refreshed|invalid_api_key|incorrect api key/i;
const MISSING_KEY = /missing environment variable: `?([A-Za-z_][A-Za-z0-9_]*)/i;

/** Recognised by a phrase, with what to do about it; the first match counts. */
const KNOWN: readonly { phrase: RegExp; hint: string }[] = [
  {
    phrase: /ran out of room in the model's context|context_length_exceeded|context window/i,
    hint: "The conversation is too long for the model: start a new job with a summary of this one.",
  },
  {
    phrase: /requires a newer version of codex|please upgrade/i,
    hint: CODEX_HINTS.upgrade,
  },
  {
    phrase: /model .{0,80}(?:not supported|does not exist|not found)|model_not_found/i,
    hint: "Name a model that this account can use, or leave it out for Codex's own default.",
  },
  {
    phrase:
      /connection failed|stream disconnected|error sending request|failed to lookup address|connection refused/i,
    hint: "The model's server could not be reached: check the network, then continue with job_reply.",
  },
  {
    phrase: /status:? 5\d\d|server_error|at capacity|overloaded|high demand/i,
    hint: "The model's server has trouble: continue later with job_reply.",
  },
  {
    phrase: /incomplete response returned/i,
    hint: "The answer was cut by the model's output limit: continue with job_reply, in smaller steps.",
  },
];

/**
 * The failure behind the text of `turn.failed`.
 * @param startedAt epoch ms that relative times count from.
 * @param kind what Codex tells of it beside the text, in words of such texts
 */
export function codexFailure(message: string, startedAt: number, kind = ""): Failure {
  const said = readableMessage(message);
  const known = `${said}\n${kind}`;
  if (QUOTA.test(known)) {
    const retryAt = readRetryTime(said, startedAt);
    return {
      reason: "quota_exhausted",
      message: said,
      hint: retryAt === null
        ? "Codex's usage limit is reached: wait, or start the job with another agent."
        : "Codex's usage limit is reached: continue with job_reply after retry_at, or start with another agent.",
      retry_at: retryAt,
    };
  }
  const key = MISSING_KEY.exec(said)?.[1];
  if (key !== undefined) {
    return fault("auth_required", said, `Set ${key} in the environment of the host, or run \`codex login\`.`);
  }
  if (AUTH.test(known)) return fault("auth_required", said, CODEX_HINTS.login);
  return fault("agent_error", said, KNOWN.find((entry) => entry.phrase.test(known))?.hint ?? null);
}

/** Reasons why Codex ends before its first event, by what it prints to stderr. */
const STARTUP: readonly { phrase: RegExp; hint: string }[] = [
  {
    phrase: /no rollout found|no saved session|session .{0,60}not found/i,
    hint: "Codex has no such session in this CODEX_HOME any more: start a new job.",
  },
  {
    phrase: /already has an active writer/i,
    hint: "Another Codex has this session open: close it, then send the reply again.",
  },
  {
    phrase: /not inside a trusted directory/i,
    hint: "Codex wants a git repository here; this version does not know --skip-git-repo-check.",
  },
  { phrase: /unknown feature flag|is no longer supported/i, hint: CODEX_HINTS.upgrade },
  {
    phrase:
      /error loading config|error parsing|failed to (?:load|parse) .{0,40}config|model provider .{0,80}not found/i,
    hint:
      "Repair Codex's configuration, ~/.codex/config.toml: `codex doctor` or `codex exec hi` show the same error.",
  },
  {
    phrase: /error finding codex home/i,
    hint: "CODEX_HOME names a directory that does not exist: create it.",
  },
  { phrase: /input_too_large/i, hint: "Codex takes at most 1,048,576 characters: shorten the prompt." },
  { phrase: /no prompt provided/i, hint: "The prompt was empty: say what is to be done." },
  {
    phrase: /required mcp servers? failed|mcp .{0,60}failed to (?:start|initialize)/i,
    hint: "An MCP server that Codex's configuration calls required did not start: repair or remove it.",
  },
  {
    phrase: /no such file or directory \(os error 2\)/i,
    hint: "A directory or file that Codex was given does not exist: check cwd and the configured arguments.",
  },
];

/** The failure of a beginning in Codex's words; `null` when they are not known. */
export function startupFailure(message: string): Failure | null {
  const startup = STARTUP.find((entry) => entry.phrase.test(message));
  return startup === undefined ? null : fault("agent_error", message, startup.hint);
}

/** For a process that ended without a word on stdout; `null` when its stderr says nothing known. */
export function diagnoseCodex({ end, stderr, startedAt }: Remains): Failure | null {
  if (end.kind === "vanished" || end.code === 0 || end.code > 128) return null;
  const said = lastWords(stderr);
  if (end.code === 127) {
    return /\bnode\b/.test(stderr)
      ? fault(
        "spawn_failed",
        said,
        "The codex launcher needs node on the PATH of the host: install Node, or Codex without npm.",
      )
      : fault("spawn_failed", said === "" ? "The codex executable was not found" : said, CODEX_HINTS.install);
  }
  if (end.code === 126) {
    return fault(
      "spawn_failed",
      said === "" ? "The codex executable cannot be run" : said,
      CODEX_HINTS.install,
    );
  }
  if (end.code === 101) {
    return fault(
      "agent_error",
      `Codex crashed: ${said}`,
      "Continue with job_reply; upgrade Codex if it recurs.",
    );
  }
  if (end.code === 2) {
    return fault(
      "agent_error",
      `Codex refused its arguments: ${firstError(stderr) ?? said}`,
      `This version of Codex does not know them, or an argument of the configuration is wrong. ${CODEX_HINTS.upgrade}`,
    );
  }
  const startup = STARTUP.find((entry) => entry.phrase.test(stderr));
  if (startup !== undefined) return fault("agent_error", firstError(stderr) ?? said, startup.hint);
  const error = firstError(stderr);
  if (error === null) return null;
  const failure = codexFailure(error, startedAt);
  return failure.reason === "agent_error" && failure.hint === null ? null : failure;
}

const REFUSED = /ERROR codex_core::tools::router: error=(.*\brejected\b.*|Command blocked by .*)$/gm;

const REFUSED_BY_OUR_HOOK = `Command blocked by PreToolUse hook: ${CODEX_READ_ONLY_REASON}. Command: `;

/** What somebody refused who was asked: an event tells of it. */
const REFUSED_BY_USER = /rejected by user"|patch rejected by user$|approval request failed/;

/** Patches and commands that Codex's sandbox or rules refused, from stderr. No event tells of them (0.125 to 0.171). */
export function codexRefusals(stderr: string): string[] {
  const said = [...plainText(stderr).matchAll(REFUSED)].map(([, error = ""]) => error).filter((error) =>
    !REFUSED_BY_USER.test(error.replaceAll("\\", ""))
  ).map((error) => {
    // Our own hook's reason is long, and the same for every command.
    if (error.startsWith(REFUSED_BY_OUR_HOOK)) {
      return `only reading is allowed, not: ${error.slice(REFUSED_BY_OUR_HOOK.length)}`;
    }
    return /Rejected\(\\"(.*?)\\"\)/.exec(error)?.[1] ??
      error.replace(/; rejected by user approval settings$/, "");
  });
  return [...new Set(said.map((text) => text.slice(0, REFUSAL_CHARS)))];
}

const REFUSAL_CHARS = 300;

function fault(reason: Failure["reason"], message: string, hint: string | null): Failure {
  return { reason, message, hint, retry_at: null };
}

/** The sentence in the JSON body of an HTTP error, which is the message after a 400; any other message as it is. */
export function readableMessage(message: string): string {
  if (!message.startsWith("{")) return message;
  try {
    const body: unknown = JSON.parse(message);
    return saidIn(body) ?? message;
  } catch {
    return message;
  }
}

/** Codex's own complaint, without its log lines and their backtraces. */
function firstError(stderr: string): string | null {
  const lines = stderr.split("\n").map((line) => line.trim());
  const found = lines.find((line) => /^error\b/i.test(line)) ??
    lines.find((line) => /not inside a trusted directory|not logged in|no prompt provided/i.test(line));
  return found === undefined ? null : found.slice(0, STDERR_CHARS);
}

const STDERR_CHARS = 1_000;

function lastWords(stderr: string): string {
  return stderr.trim().slice(-STDERR_CHARS);
}
