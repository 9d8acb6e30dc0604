/**
 * Test support: two agents of the user's own, as the configuration describes them: one prints text and takes its prompt
 * on stdin, the other prints lines of JSON, reads its prompt from a file and keeps sessions.
 *
 * @module
 */
import { fromFileUrl } from "./from_file_url.ts";

const fixture = (name: string) => fromFileUrl(new URL(`../fixtures/agents/${name}`, import.meta.url));

export const WRITER = {
  command: fixture("echo_writer.sh"),
  args: [["-m", "{model}"]],
  title: "Echo Writer",
  policy_args: { suggest: ["--read-only"], "auto-edit": [], "full-auto": ["--yes"] },
} as const;

export const LEDGER = {
  command: Deno.execPath(),
  args: [
    "run",
    "--no-config",
    "--no-lock",
    "-A",
    fixture("ledger.ts"),
    "--prompt={prompt_file}",
    ["--session", "{session_id}"],
    "--model={model}",
  ],
  output: "jsonl",
  events: [
    { type: "session", when: { type: "begin" }, text: "session.id" },
    { type: "ignore", when: { type: "step_start" } },
    {
      type: "command",
      when: { "type": "tool", "part.tool": "bash" },
      text: "part.input.command",
      output: "part.output",
      exit_code: "part.exit",
    },
    { type: "file_change", when: { "part.tool": "edit" }, text: "part.path" },
    { type: "message", when: { type: "text" }, text: "part.text", chunk: true },
    {
      type: "usage",
      when: { type: "usage" },
      input_tokens: "tokens.input",
      cached_input_tokens: "tokens.cached",
      output_tokens: "tokens.output",
    },
    { type: "error", when: { type: "error" }, text: "error.message" },
    { type: "result", when: { type: "end", ok: "true" } },
  ],
} as const;

/** For `agents` in `config.json`. */
export const OWN_AGENTS = { writer: WRITER, ledger: LEDGER } as const;
