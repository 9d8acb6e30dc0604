/**
 * Room `cli`: our own advice in the words of this door. The rooms below speak to hosts and name tools; a person has
 * commands. It imports nothing, since every start loads it.
 *
 * @module
 */

const COMMAND_OF: Readonly<Record<string, string>> = {
  job_poll: "agent-async show",
  job_wait: "agent-async wait",
  job_events: "agent-async events",
  job_reply: "agent-async reply",
  job_cancel: "agent-async cancel",
  job_list: "agent-async list",
  queue_status: "agent-async list",
};

/** `text` with the names of tools replaced by those of commands. Only for what agent-async itself says. */
export function commandWords(text: string): string {
  return text
    .replace(/\b(?:job_[a-z]+|queue_status)\b/g, (name) => COMMAND_OF[name] ?? name)
    .replace(/\b([a-z][a-z0-9-]*)_start\b/g, "agent-async start -a $1");
}

const ARGUMENT_OF: Readonly<Record<string, string>> = {
  agent: "--agent",
  after: "--after",
  approval_policy: "--policy",
  context_files: "--context-file",
  cwd: "--cwd",
  fallback: "--fallback",
  job_id: "ID",
  job_ids: "ID",
  model: "--model",
  priority: "--priority",
  prompt: "PROMPT",
  request_key: "--request-key",
  timeout_seconds: "--timeout",
};

/** As {@link commandWords}, of a refusal that begins with the argument's name, or of several: `cwd: must be absolute`. */
export function argumentWords(text: string): string {
  return commandWords(text).replace(
    /(^|; )([a-z_]+)(?:\[\d+\]|\.\d+)?(?=: )/g,
    (whole, before: string, name: string) => {
      const argument = ARGUMENT_OF[name];
      return argument === undefined ? whole : before + argument;
    },
  );
}
