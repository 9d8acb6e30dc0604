/**
 * Room `domain`: aider, an agent that a configuration need only name.
 *
 * @module
 */
import type { AgentPreset } from "./agent_preset.ts";

const NO_HISTORY = ["--chat-history-file", "/dev/null", "--input-history-file", "/dev/null"];

/** It tries a failed call of the model again for about a minute. */
const RETRIED = "^Retrying in ";

/**
 * Tried on version 0.86. Its failures end with exit code 0. Left alone it would commit, the user's own changes too,
 * write `.gitignore`, and load what a prompt has addresses of, for which it installs a browser.
 */
export const AIDER: AgentPreset = {
  command: "aider",
  title: "aider",
  args: [
    "--yes-always",
    "--no-stream",
    "--no-pretty",
    "--no-check-update",
    "--no-show-release-notes",
    "--no-show-model-warnings",
    "--no-analytics",
    "--no-auto-commits",
    "--no-dirty-commits",
    "--no-gitignore",
    "--no-detect-urls",
    "--message-file",
    "{prompt_file}",
    ["--model", "{model}"],
    "{policy_args}",
  ],
  policy_args: {
    // A map of the repository would be kept in it.
    suggest: ["--chat-mode", "ask", "--dry-run", "--map-tokens", "0", ...NO_HISTORY],
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
      retried: RETRIED,
    },
    {
      match: "^(?:litellm\\.)?RateLimitError: |^The API provider has rate limited you|^Error code: 429",
      reason: "quota_exhausted",
      retried: RETRIED,
    },
    { match: "^litellm\\.\\w+Error: ", in: "output", reason: "agent_error", retried: RETRIED },
  ],
  interrupt: "SIGINT",
  install_hint: "Install it with `python -m pip install aider-install && aider-install`.",
};
