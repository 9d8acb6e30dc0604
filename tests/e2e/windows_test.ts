/**
 * The batch for Windows, by Deno for Windows under Wine: `DENO_WINDOWS` names a command that takes what `deno` takes. Wine
 * is not Windows: what fails here for a reason of the code fails there too; what passes here can still fail there.
 */
import assert from "node:assert/strict";
import { fromFileUrl } from "../support/from_file_url.ts";
import { testUnless } from "../support/skippable.ts";
import { WINDOWS_BATCH } from "../support/windows_batch.ts";

const TOP = fromFileUrl(new URL("../../", import.meta.url));

/** Seconds: some four times what the batch takes on an idle machine of two processors. */
const MOST_SECONDS = "600";

const { command, cannot } = findDeno();

testUnless(cannot, "Windows: the batch that its workflow runs passes under Wine", async () => {
  const directory = Deno.makeTempDirSync({ prefix: "aa-windows-" });
  try {
    // Into a file: a process that is left over would hold a pipe open for ever.
    const { code } = await new Deno.Command("/bin/sh", {
      args: [
        "-c",
        'out=$1; shift; exec timeout "$@" >"$out" 2>&1 </dev/null',
        "sh",
        `${directory}/output`,
        MOST_SECONDS,
        command,
        ...["test", "-A", "--no-check", ...WINDOWS_BATCH],
      ],
      cwd: TOP,
    }).spawn().status;
    const output = Deno.readTextFileSync(`${directory}/output`);
    assert.equal(code, 0, output.slice(-8_000));
    const passed = Number(/^ok \| (\d+) passed/m.exec(output)?.[1]);
    assert.ok(passed > 200, output.slice(-1_000));
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});

/** It takes minutes, and a Debian with Wine in it, so that it is asked for. */
function findDeno(): { command: string; cannot: string | null } {
  if (Deno.build.os === "windows") return { command: "", cannot: "a Windows runs the batch itself" };
  const command = Deno.env.get("DENO_WINDOWS") ?? "";
  return { command, cannot: command === "" ? "DENO_WINDOWS names no Deno for Windows" : null };
}
