/**
 * The wrapper's script on a system without `/proc`, such as macOS: the names of its files there lead nowhere. Elsewhere
 * it is the same script, with every shell of this machine.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { WRAPPER_SCRIPT } from "../../src/kernel/wrapper/shell_script.ts";
import { asSh, SHELLS } from "../support/shells.ts";
import { sendSignal } from "../support/signals.ts";

const SCRIPT = WRAPPER_SCRIPT.replaceAll("/proc/", "/no-proc/");

/** The files of a turn after a run of `agent` (a script for sh), and the pid of the shell that ran it. */
async function run(
  shell: string | null,
  agent: string,
  { feeder = [], said = "" }: { feeder?: readonly string[]; said?: string } = {},
) {
  const directory = Deno.makeTempDirSync({ prefix: "aa-no-proc-" });
  try {
    Deno.writeTextFileSync(join(directory, "in.jsonl"), said);
    const input = feeder.length === 0 ? "/dev/null" : join(directory, "feed");
    const words = [directory, join(directory, "exit"), "022", "", input, String(feeder.length), ...feeder];
    const program = shell === null ? "/bin/sh" : asSh(shell, directory);
    const child = new Deno.Command(program, {
      args: ["-c", SCRIPT, "sh", ...words, "/bin/sh", "-c", agent],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const { code } = await child.status;
    const read = (name: string) => Deno.readTextFileSync(join(directory, name));
    const files = Object.fromEntries(
      ["pid", "agent", "raw.jsonl", "stderr.log", "exit"].map((name) => [name, read(name)]),
    );
    return { code, pid: child.pid, files, feeder: feeder.length === 0 ? null : read("feeder") };
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

/** The system's own shell, and those that are other systems'. */
const ALL = [{ name: "/bin/sh", path: null }, ...SHELLS.filter(({ path }) => path !== null)];

for (const { name, path: shell } of ALL) {
  Deno.test(`no /proc, ${name}: the pid stands alone, and the agent's stderr is its own`, async () => {
    const { code, pid, files } = await run(shell, "echo out; echo err >&2; exit 7");
    assert.equal(code, 0);
    assert.deepEqual(files, {
      pid: `${pid}\n`,
      agent: "",
      "raw.jsonl": "out\n",
      "stderr.log": "err\n",
      exit: "7   \n",
    });
  });

  Deno.test(`no /proc, ${name}: an agent is fed, and its feeder ends with it`, async () => {
    const { files, feeder } = await run(shell, 'read -r line; echo "heard $line"', {
      feeder: ["/usr/bin/tail", "-c", "+1", "-f"],
      said: "one\n",
    });
    assert.deepEqual([files["raw.jsonl"], files["stderr.log"], files["exit"]], ["heard one\n", "", "0   \n"]);
    assert.match(feeder ?? "", /^\d+\n$/);
    assert.throws(() => sendSignal(Number(feeder), "SIGCONT"), Deno.errors.NotFound);
  });
}
