/**
 * Test support: which tests are run on which system beside Linux, where all are: by the workflow's jobs for macOS and
 * Windows, and by `tests/e2e/windows_test.ts` under Wine. The table of `docs/testing.md` is made of this list. As a
 * program, it runs those of the system that it is on.
 *
 * @module
 */

/** A system beside Linux. */
export type OtherSystem = "macos" | "windows";

export interface Part {
  /** What the tests show, for people. */
  readonly shows: string;
  /** Files and folders below the top. */
  readonly files: readonly string[];
  readonly on: readonly OtherSystem[];
}

const BOTH: readonly OtherSystem[] = ["macos", "windows"];

export const PARTS: readonly Part[] = [
  {
    shows: "jobs from start to end: output, exit codes, a daemon killed under them, cancelling",
    files: ["tests/e2e/any_system_test.ts"],
    on: BOTH,
  },
  {
    shows: "talks: questions, answers, replies, and kills of the daemon in the midst of them",
    files: ["tests/e2e/any_system_talk_test.ts"],
    on: BOTH,
  },
  {
    shows: "the command line's walk, and MCP over stdio with the SDK's client",
    files: ["tests/e2e/any_system_walk_test.ts"],
    on: BOTH,
  },
  {
    shows: "jobs that outlive front-ends and daemons, with signals and a shell",
    files: ["tests/e2e/durability_test.ts"],
    on: ["macos"],
  },
  {
    shows:
      "directories of every shape (blanks, `\\\\?\\`, another drive, deep ones), CRLF, two daemons at once",
    files: ["tests/e2e/any_system_paths_test.ts"],
    on: BOTH,
  },
  {
    shows:
      "a daemon at a port: strangers, wrong secrets, directories that others can read, a dead daemon's port",
    files: ["tests/daemon/loopback_endpoint_test.ts"],
    on: BOTH,
  },
  {
    shows: "what ARCHITECTURE.md assumes of macOS: `ps`, FIFOs, `tail`, ends, environments, snapshots",
    files: [
      "tests/kernel/agent_environment_test.ts",
      "tests/kernel/choose_feeder_test.ts",
      "tests/kernel/no_proc_test.ts",
      "tests/kernel/terminate_tree_test.ts",
      "tests/places/snapshot_test.ts",
      "tests/service/refusals_test.ts",
      "tests/system/processes_test.ts",
      "tests/system/socket_peer_test.ts",
    ],
    on: ["macos"],
  },
  {
    shows: "agents as Windows has them: lines for cmd.exe, batch files, npm's `.cmd` before an executable",
    files: ["tests/e2e/windows_agents_test.ts"],
    on: ["windows"],
  },
  {
    shows: "the real Codex for Windows behind npm's `.cmd`: jobs, replies, cancelling",
    files: ["tests/e2e/windows_codex_test.ts"],
    on: ["windows"],
  },
  { shows: "the room `domain`", files: ["tests/domain"], on: BOTH },
  {
    shows: "configuration: where it comes from, edits that keep comments, toolsets",
    files: [
      "tests/config/config_source_test.ts",
      "tests/config/json_edit_test.ts",
      "tests/config/quick_settings_test.ts",
      "tests/config/quick_toolsets_test.ts",
    ],
    on: BOTH,
  },
  {
    shows: "the store: commits, crashes, damage, migrations, stores of released versions",
    files: [
      "tests/store/concurrency_test.ts",
      "tests/store/crash_test.ts",
      "tests/store/damaged_store_test.ts",
      "tests/store/job_store_test.ts",
      "tests/store/lost_changes_test.ts",
      "tests/store/migrations_test.ts",
      "tests/store/model_test.ts",
      "tests/store/recent_test.ts",
      "tests/store/released_versions_test.ts",
      "tests/store/removal_test.ts",
      "tests/store/watch_feed_test.ts",
    ],
    on: BOTH,
  },
  {
    shows: "the rest of the rooms `config` and `store`: modes, links, files that were replaced",
    files: ["tests/config", "tests/store"],
    on: ["macos"],
  },
  {
    shows: "drivers and readers of the built-in agents, by their recorded output and talks",
    files: [
      "tests/agents/agent_names_test.ts",
      "tests/agents/asked_text_test.ts",
      "tests/agents/catalog_test.ts",
      "tests/agents/claude_driver_test.ts",
      "tests/agents/claude_failures_test.ts",
      "tests/agents/claude_reader_test.ts",
      "tests/agents/claude_schema_test.ts",
      "tests/agents/claude_talk_test.ts",
      "tests/agents/codex_command_test.ts",
      "tests/agents/codex_failures_test.ts",
      "tests/agents/codex_reader_test.ts",
      "tests/agents/codex_talk_test.ts",
      "tests/agents/elicitation_test.ts",
      "tests/agents/gemini_driver_test.ts",
      "tests/agents/gemini_reader_test.ts",
      "tests/agents/interactive_test.ts",
      "tests/agents/json_lines_test.ts",
      "tests/agents/mapped_agents_test.ts",
      "tests/agents/odd_shapes_test.ts",
      "tests/agents/retry_time_test.ts",
      "tests/agents/whole_actions_test.ts",
    ],
    on: BOTH,
  },
  {
    shows: "the system's own table of processes, environments, npm's `.cmd` files, timers",
    files: [
      "tests/daemon/choose_wrapper_test.ts",
      "tests/daemon/self_command_test.ts",
      "tests/daemon/supported_system_test.ts",
      "tests/system/environment_bytes_test.ts",
      "tests/system/ids_test.ts",
      "tests/system/npm_shim_test.ts",
      "tests/system/pause_test.ts",
      "tests/system/plain_paths_test.ts",
      "tests/system/rename_over_test.ts",
      "tests/system/slices_test.ts",
      "tests/system/windows_processes_test.ts",
      "tests/system/young_pids_test.ts",
    ],
    on: BOTH,
  },
  {
    shows: "the declarations of the commands, and an attended run",
    files: ["tests/cli/attended_run_test.ts", "tests/cli/declarations_test.ts"],
    on: BOTH,
  },
  {
    shows: "`install.sh`, updates, launchd with a stand-in, and how a release is made",
    files: [
      "tests/install",
      "tests/release",
      "tests/cli/auto_update_test.ts",
      "tests/cli/update_program_test.ts",
    ],
    on: ["macos"],
  },
];

/** The files and folders that are run on a system; what lies in one of the folders is not named again. */
export function batchOf(system: OtherSystem): readonly string[] {
  const all = PARTS.filter(({ on }) => on.includes(system)).flatMap(({ files }) => files);
  return all.filter((path) => !all.some((folder) => path.startsWith(`${folder}/`)));
}

if (import.meta.main) {
  const { os } = Deno.build;
  if (os !== "windows" && os !== "darwin") {
    throw new Error("On this system, run the whole suite: deno task ok");
  }
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--no-check", ...batchOf(os === "windows" ? "windows" : "macos")],
  }).spawn().status;
  Deno.exit(code);
}
