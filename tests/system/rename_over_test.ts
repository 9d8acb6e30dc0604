/** A file is replaced while another process reads it: the replacement waits where the system demands it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { writeAtomically } from "../../src/system/files/files.ts";
import { renameOver } from "../../src/system/files/rename_over.ts";

/** Opens a file, says so, and holds it for a moment. */
const READER = `using file = Deno.openSync(Deno.args[0]);
console.log("open");
await new Promise((resolve) => setTimeout(resolve, 300));
`;

Deno.test("writeAtomically: a file that another process has open is replaced", async () => {
  const directory = Deno.makeTempDirSync({ prefix: "aa-rename-" });
  try {
    const path = join(directory, "file");
    writeAtomically(path, "old");
    const child = new Deno.Command(Deno.execPath(), {
      args: ["eval", READER, path],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const reader = child.stdout.getReader();
    await reader.read();
    writeAtomically(path, "new");
    assert.equal(Deno.readTextFileSync(path), "new");
    await reader.cancel();
    await child.status;
    assert.deepEqual([...Deno.readDirSync(directory)].map(({ name }) => name), ["file"]);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});

Deno.test("renameOver: what is not there is told at once", () => {
  const directory = Deno.makeTempDirSync({ prefix: "aa-rename-" });
  try {
    assert.throws(
      () => renameOver(join(directory, "none"), join(directory, "file")),
      Deno.errors.NotFound,
    );
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});
