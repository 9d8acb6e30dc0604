/**
 * Room `mcp`: the names of a call's arguments. A name that is a tool's own in another spelling (`approvalPolicy`) is
 * that parameter. Rule of the file: an unknown name is dropped only where the call means the same without it.
 *
 * @module
 */
import { invalidArgument } from "../../../domain/errors.ts";

/**
 * What callers write to limit what a job may do, cost or touch, squeezed. Without it the job would do more than its
 * caller wanted, and a remark in the answer comes when it runs already.
 */
const LIMITS_OF_A_JOB: ReadonlySet<string> = new Set([
  "approval",
  "approvalmode",
  "approvalpolicy",
  "isolation",
  "maxcostusd",
  "maxtokens",
  "permissionmode",
  "permissions",
  "policy",
  "readonly",
  "sandbox",
  "sandboxmode",
  "sandboxpolicy",
]);

/** What names one job or several, squeezed, and the parameter that is meant. */
const NAMES_OF_JOBS: Readonly<Record<string, "job_id" | "job_ids">> = {
  id: "job_id",
  ids: "job_ids",
  job: "job_id",
  jobid: "job_id",
  jobids: "job_ids",
  jobs: "job_ids",
};

export interface NameRules {
  /** The tool's. */
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
  /** Whether the call makes an agent work. */
  readonly letsAnAgentWork: boolean;
  /** Whether the call answers with whatever job comes first. */
  readonly answersWithAnyJob: boolean;
}

/**
 * The arguments under the names that the tool has for them. What is given under both spellings stays as it is.
 *
 * @throws {AgentAsyncError} `invalid_argument` for a name that the tool lacks and that may not be dropped.
 */
export function withKnownNames(
  raw: Readonly<Record<string, unknown>>,
  rules: NameRules,
): Record<string, unknown> {
  const known = new Map(Object.keys(rules.properties).map((name) => [squeezed(name), name]));
  const takesJobs = known.has("jobid") || known.has("jobids");
  const read: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(raw)) {
    const plain = squeezed(name);
    const jobs = Object.hasOwn(NAMES_OF_JOBS, plain) ? NAMES_OF_JOBS[plain] : undefined;
    const own = known.get(plain) ?? (takesJobs ? jobs : undefined);
    if (own !== undefined && own !== name && !Object.hasOwn(raw, own) && !Object.hasOwn(read, own)) {
      read[own] = value;
      continue;
    }
    if (!Object.hasOwn(rules.properties, name) && isSaid(value)) refuseLoss(name, plain, rules);
    read[name] = value;
  }
  return read;
}

function refuseLoss(name: string, plain: string, { name: tool, letsAnAgentWork, ...rules }: NameRules): void {
  const word = name.slice(0, 50);
  if (letsAnAgentWork && LIMITS_OF_A_JOB.has(plain)) {
    const instead = Object.hasOwn(rules.properties, "approval_policy")
      ? "approval_policy says what the job may do: suggest only reads"
      : "job_reply takes an approval_policy";
    throw invalidArgument(
      word,
      `is nothing that ${tool} knows, and a job must not do more than you said; ${instead}`,
    );
  }
  if (rules.answersWithAnyJob && Object.hasOwn(NAMES_OF_JOBS, plain)) {
    throw invalidArgument(
      word,
      `${tool} answers with whatever job ends first: codex_wait waits for one certain job`,
    );
  }
}

/** Not for what a form or a model leaves empty. */
function isSaid(value: unknown): boolean {
  return value !== null && value !== undefined && value !== false &&
    !(typeof value === "string" && value.trim() === "");
}

function squeezed(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, "");
}
