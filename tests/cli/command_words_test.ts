/** People are told of commands and options, whatever a message calls them. */
import assert from "node:assert/strict";
import { argumentWords, commandWords } from "../../src/cli/render/command_words.ts";
import { SERVICE_METHODS } from "../../src/service/methods.ts";

Deno.test("a message names commands and options, not tools and their arguments", () => {
  const said: readonly [string, string][] = [
    ["See it with job_diff.", "See it with agent-async diff."],
    ['Its changes are taken back with action "undo".', "Its changes are taken back with agent-async undo."],
    ['Then job_apply with action "discard".', "Then agent-async discard."],
    ["a larger timeout_seconds.", "a larger --timeout."],
    ["start it with approval_policy full-auto", "start it with --policy full-auto"],
    ["a larger max_cost_usd or max_tokens", "a larger --max-cost or --max-tokens"],
    ["means nothing without isolation worktree", "means nothing without --isolation worktree"],
    // Keys of the configuration stay as they are.
    ["more than max_approval_policy (suggest)", "more than max_approval_policy (suggest)"],
    ["questions.timeout_seconds is 5", "questions.timeout_seconds is 5"],
    ["isolation is worktree by projects./a.isolation", "isolation is worktree by projects./a.isolation"],
  ];
  for (const [message, words] of said) assert.equal(commandWords(message), words);
});

Deno.test("every argument of a start and a diff that is refused is told as its option", () => {
  const { start, diff, reply } = SERVICE_METHODS;
  const names = [start, reply, diff].flatMap(({ request }) => Object.keys(request.shape));
  // What no person gives, and what has the same name here and there.
  const same = ["origin", "group", "cursor", "stat", "when"];
  for (const name of names.filter((name) => !same.includes(name))) {
    assert.doesNotMatch(argumentWords(`${name}: must be given`), new RegExp(`^${name}:`), name);
  }
});
