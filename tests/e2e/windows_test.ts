/**
 * The batch for Windows, by Deno for Windows under Wine: `DENO_WINDOWS` names a command that takes what `deno` takes. Wine
 * is not Windows: what fails here for a reason of the code fails there too; what passes here can still fail there.
 */
import assert from "node:assert/strict";
import { messageOf } from "../../src/domain/errors.ts";
import { fromFileUrl } from "../support/from_file_url.ts";
import { hasProgram } from "../support/has_program.ts";
import { testUnless } from "../support/skippable.ts";
import { readFaults, readSummary } from "../support/test_summary.ts";
import { batchOf } from "../support/system_batches.ts";
import { CODEX_FOR_WINDOWS, installWindowsCodex } from "../support/windows_codex.ts";

const TOP = fromFileUrl(new URL("../../", import.meta.url));

/** Seconds: less than the test command grants a file, some three times what the batch takes on an idle machine. */
const MOST_SECONDS = "1150";

/**
 * Runs `$@` for at most that long, with its output in a file: a process that is left over would hold a pipe open for
 * ever. It is alone (all of Wine has one server, which knows the folders of the first who asked), and what it leaves
 * running ends with it, as the processes of a pid namespace do.
 */
const ALONE = `out=$1 lock=$2 seconds=$3; shift 3
exec flock "$lock" unshare --pid --fork --kill-child --mount-proc timeout "$seconds" "$@" >"$out" 2>&1 </dev/null`;

const { command, cannot } = findDeno();

testUnless(cannot, "Windows: the batch that its workflow runs passes under Wine", async () => {
  const directory = Deno.makeTempDirSync({ prefix: "aa-windows-" });
  try {
    const output = `${directory}/output`;
    const words = [command, "test", "-A", "--no-check", ...batchOf("windows")];
    const { code } = await new Deno.Command("/bin/sh", {
      args: ["-c", ALONE, "sh", output, `${command}.lock`, MOST_SECONDS, ...words],
      cwd: TOP,
      env: await codexBeside(),
    }).spawn().status;
    const said = Deno.readTextFileSync(output);
    assert.equal(code, 0, `exit code ${code}\n${readFaults(said) || said.slice(-8_000)}`);
    const { passed = 0, failed = 0 } = readSummary(said) ?? {};
    assert.ok(passed > 600 && failed === 0, said.slice(-1_000));
    tell(`${passed} tests passed, ${failed} failed`);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});

/** Shows the batch the Codex for Windows; without it, the batch leaves Codex's tests out and says why. */
async function codexBeside(): Promise<Record<string, string>> {
  try {
    const prefix = await installWindowsCodex();
    const asWindowsSeesIt = `Z:${prefix.replaceAll("/", "\\")}`;
    // The command takes both as words.
    if (/\s/.test(prefix)) throw new Error(`There is a blank in ${prefix}`);
    return { WINDOWS_MOUNTS: prefix, WINDOWS_ENV: `${CODEX_FOR_WINDOWS}=${asWindowsSeesIt}` };
  } catch (error) {
    tell(`no Codex: ${messageOf(error)}`);
    return {};
  }
}

/** It takes minutes, and a Debian with Wine in it, so that it is asked for. */
function findDeno(): { command: string; cannot: string | null } {
  if (Deno.build.os === "windows") return { command: "", cannot: "a Windows runs the batch itself" };
  const command = Deno.env.get("DENO_WINDOWS") ?? "";
  if (command === "") return { command, cannot: "DENO_WINDOWS names no Deno for Windows" };
  const absent = ["flock", "unshare", "timeout"].filter((name) => !hasProgram(name));
  return { command, cannot: absent.length === 0 ? null : `it takes ${absent.join(", ")}` };
}

/** Adds a line to the file that CI names, since a run of many files shows nothing that a test prints and passes. */
function tell(text: string): void {
  const line = `Windows, under Wine: ${text}`;
  console.log(line);
  const file = Deno.env.get("WINDOWS_COUNT_FILE");
  if (file !== undefined) Deno.writeTextFileSync(file, `${line}\n`, { append: true });
}
