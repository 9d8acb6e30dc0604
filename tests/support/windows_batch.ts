/**
 * Test support: the tests that Windows is known to run: rooms that know no shell, signal or mode, and jobs from their
 * start to their end. As a program, on a Windows, it runs them.
 *
 * @module
 */

/** Files and folders below the top. */
export const WINDOWS_BATCH: readonly string[] = [
  "tests/domain",
  "tests/agents/catalog_test.ts",
  "tests/agents/claude_reader_test.ts",
  "tests/agents/codex_reader_test.ts",
  "tests/agents/gemini_reader_test.ts",
  "tests/agents/json_lines_test.ts",
  "tests/agents/odd_shapes_test.ts",
  "tests/agents/retry_time_test.ts",
  "tests/config/config_source_test.ts",
  "tests/config/json_edit_test.ts",
  "tests/daemon/choose_wrapper_test.ts",
  "tests/daemon/supported_system_test.ts",
  "tests/system/environment_bytes_test.ts",
  "tests/system/ids_test.ts",
  "tests/system/npm_shim_test.ts",
  "tests/system/pause_test.ts",
  "tests/system/slices_test.ts",
  "tests/system/windows_processes_test.ts",
  "tests/e2e/any_system_test.ts",
];

if (import.meta.main) {
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--no-check", ...WINDOWS_BATCH],
  }).spawn().status;
  Deno.exit(code);
}
