/**
 * Support for the generated documentation: what each real host can do, as the tests have seen it.
 *
 * @module
 */
import { HOSTS } from "../../src/cli/hosts/host_list.ts";
import { recordedAbilities } from "./host_abilities.ts";

const HEAD = [
  "host",
  "version",
  "MCP revision",
  "search for tools",
  "asks a person",
  "tasks",
  "new tools",
  "woken",
];

/** What only a person at a terminal sees; the tests that are named drive one. */
const INTERACTIVE =
  "All of them run without a person. In a terminal Claude Code declares tasks too: a start " +
  "goes on in its background under the job's id, and the result comes by itself, without a hook " +
  "(`tests/e2e/wake_test.ts`); what the job asks is shown as a dialog (`tests/e2e/host_questions_test.ts`). " +
  "Leaving such a session it asks whether to stop its tasks, which cancels the jobs: *Move to background and exit* " +
  "lets them go on. `CLAUDE_CODE_DISABLE_MCP_TASKS=1` turns tasks off.";

export function hostTable(): string {
  const rows = Object.entries(recordedAbilities()).map(([id, seen]) => {
    const host = HOSTS.find((one) => one.id === id);
    if (host === undefined) throw new Error(`There is no host ${id}`);
    return [
      host.title,
      seen.version,
      seen.revision,
      seen.search,
      seen.elicitation,
      seen.tasks,
      seen.refresh === "yes" ? "read again" : "not read again",
      host.wakeHook === undefined ? "no" : "by a hook (`--wake`)",
    ];
  });
  const table = [HEAD, HEAD.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
  return `${table}\n\n${INTERACTIVE}`;
}
