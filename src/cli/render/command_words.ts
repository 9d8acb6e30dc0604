/**
 * Room `cli`: rewrites messages for people. The other rooms write messages for hosts, which name tools and their
 * arguments; a person
 * needs commands and options. This file imports nothing, since every start of the program loads it.
 *
 * @module
 */

const COMMAND_OF: Readonly<Record<string, string>> = {
  job_poll: "agent-async show",
  job_wait: "agent-async wait",
  job_events: "agent-async events",
  job_answer: "agent-async answer",
  job_reply: "agent-async reply",
  job_cancel: "agent-async cancel",
  job_diff: "agent-async diff",
  job_apply: "agent-async apply",
  job_list: "agent-async list",
  queue_status: "agent-async list",
};

/** Arguments that messages name in the middle of a sentence, where no key of the configuration is meant. */
const NAMED_ARGUMENT =
  /(?<![\w.])(?:approval_policy|timeout_seconds|max_cost_usd|max_tokens|isolation(?= worktree))(?![\w:[]|\.\w)/g;

/**
 * Replaces the names of tools and of their arguments in `text` by commands and options. Only for messages of agent-async
 * itself, not for what an agent wrote.
 */
export function commandWords(text: string): string {
  return text
    .replace(/(?:job_apply with )?\baction "(apply|undo|discard)"/g, "agent-async $1")
    .replace(NAMED_ARGUMENT, (name) => ARGUMENT_OF[name] ?? name)
    .replace(/\b(?:job_[a-z]+|queue_status)\b/g, (name) => COMMAND_OF[name] ?? name)
    .replace(/\b([a-z][a-z0-9-]*)_start\b/g, "agent-async start -a $1");
}

const ARGUMENT_OF: Readonly<Record<string, string>> = {
  agent: "--agent",
  after: "--after",
  approval_policy: "--policy",
  check: "--check",
  check_attempts: "--check-attempts",
  context_files: "--context-file",
  cwd: "--cwd",
  fallback: "--fallback",
  isolation: "--isolation",
  job_id: "ID",
  job_ids: "ID",
  max_cost_usd: "--max-cost",
  max_tokens: "--max-tokens",
  model: "--model",
  option: "OPTION",
  question_id: "--question",
  path: "PATH",
  text: "OPTION",
  priority: "--priority",
  prompt: "PROMPT",
  request_key: "--request-key",
  result_schema: "--result-schema",
  retry_on_limit: "--retry-on-limit",
  timeout_seconds: "--timeout",
  title: "--title",
  with_changes: "--with-changes",
};

/**
 * As {@link commandWords}. Also replaces the argument's name at the beginning of each refusal: `cwd: must be absolute`
 * becomes `--cwd: must be absolute`.
 */
export function argumentWords(text: string): string {
  return commandWords(text).replace(
    /(^|; )([a-z_]+)(?:\[\d+\]|\.\d+)?(?=: )/g,
    (whole, before: string, name: string) => {
      const argument = ARGUMENT_OF[name];
      return argument === undefined ? whole : before + argument;
    },
  );
}
