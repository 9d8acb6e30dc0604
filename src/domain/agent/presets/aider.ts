/**
 * Room `domain`: aider, an agent that a configuration need only name.
 *
 * @module
 */
import type { AgentPreset } from "./agent_preset.ts";

/** From reading about aider, not from a trial. Its failures end with exit code 0. */
export const AIDER: AgentPreset = {
  command: "aider",
  title: "aider",
  args: [
    "--yes-always",
    "--no-stream",
    "--no-pretty",
    "--no-check-update",
    "--message-file",
    "{prompt_file}",
    ["--model", "{model}"],
    "{policy_args}",
  ],
  policy_args: {
    suggest: ["--chat-mode", "ask", "--dry-run"],
    "auto-edit": ["--no-suggest-shell-commands"],
    "full-auto": [],
  },
  output: "text",
  // The words match only at the beginning of a line: an answer that mentions such an error is no failure.
  failures: [
    {
      match:
        "^(?:litellm\\.)?AuthenticationError: |^The API provider is not able to authenticate you|^Missing these environment variables|^Error code: 401",
      reason: "auth_required",
      hint: "Set the key of the model's provider in the environment of the host.",
    },
    {
      match: "^(?:litellm\\.)?RateLimitError: |^The API provider has rate limited you|^Error code: 429",
      reason: "quota_exhausted",
    },
    { match: "^litellm\\.\\w+Error: ", in: "output", reason: "agent_error" },
  ],
  interrupt: "SIGINT",
  install_hint: "Install it with `python -m pip install aider-install && aider-install`.",
};
