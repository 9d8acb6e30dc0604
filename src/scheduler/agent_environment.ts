/**
 * Room `scheduler`: the environment of an agent's process: the host's that asked, less the identity of the asking
 * session, so that a worker is nobody's double (transcripts lost, messages injected into the wrong session).
 *
 * @module
 */

/** The job that a process belongs to; what cancelling looks for in every process. */
export const JOB_VARIABLE = "AGENT_ASYNC_JOB_ID";
/** How deep that job is. */
export const DEPTH_VARIABLE = "AGENT_ASYNC_DEPTH";

/** Identity and messaging of a session; credentials, homes and endpoints stay. */
const SESSION_VARIABLES: readonly RegExp[] = [
  /^(CLAUDECODE|AI_AGENT)$/,
  /^CLAUDE_(PID|SESSION_ID|EFFORT|PROJECT_DIR)$/,
  /^CLAUDE_CODE_(ENTRYPOINT|SSE_PORT|SESSION_\w+|\w*SESSION_IDS?|CHILD_\w+|MESSAGING_\w+|REMOTE_\w+|PARENT_\w+|AGENT_\w+)$/,
  /^CODEX_(THREAD_ID|SESSION_ID|TOOL_CALL_ID|CI|SANDBOX\w*|INTERNAL_\w+)$/,
  // The second opens a project's own settings, servers and hooks to every Gemini below.
  /^GEMINI_CLI(_TRUST_WORKSPACE)?$/,
  /^CURSOR_(AGENT|TRACE_ID|CONVERSATION_ID|SESSION_ID)$/,
];

export interface EnvironmentLayers {
  /** The host's. */
  host: Readonly<Record<string, string>>;
  /** Of the configuration. */
  configured: Readonly<Record<string, string>>;
  /** Of the driver; `null` removes a variable. */
  driver: Readonly<Record<string, string | null>>;
  jobId: string;
  depth: number;
}

/** Later layers win; the job's own marks win over all. */
export function agentEnvironment(layers: EnvironmentLayers): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(layers.host)) {
    if (!SESSION_VARIABLES.some((pattern) => pattern.test(name))) env[name] = value;
  }
  Object.assign(env, layers.configured);
  for (const [name, value] of Object.entries(layers.driver)) {
    if (value === null) delete env[name];
    else env[name] = value;
  }
  return { ...env, [JOB_VARIABLE]: layers.jobId, [DEPTH_VARIABLE]: String(layers.depth) };
}
