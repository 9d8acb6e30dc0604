/**
 * Tests of the umask: what this program keeps is its user's alone whatever it is, and agents get it as it was given.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { ifExists } from "../../src/system/files/files.ts";
import { Executable, MAIN } from "./executable.ts";

/** All that is below `directory`, by path. The daemon still writes: what is gone again at the second look is left out. */
function filesBelow(directory: string): Map<string, Deno.FileInfo> {
  const found = new Map<string, Deno.FileInfo>();
  for (const { name } of ifExists(() => [...Deno.readDirSync(directory)]) ?? []) {
    const path = join(directory, name);
    const info = ifExists(() => Deno.lstatSync(path));
    if (info === null) continue;
    found.set(path, info);
    if (info.isDirectory) { for (const [inner, innerInfo] of filesBelow(path)) found.set(inner, innerInfo); }
  }
  return found;
}

for (const umask of ["0777", "022", "0"]) {
  Deno.test({
    name: `umask ${umask}: the state directory can be used by its owner alone, and the agent has the umask`,
    ignore: Deno.build.os === "windows",
    fn: async () => {
      await using program = new Executable();
      const { code, stderr } = await new Deno.Command("sh", {
        args: [
          "-c",
          'umask "$1"; shift; exec "$0" "$@"',
          Deno.execPath(),
          umask,
          "run",
          "-A",
          MAIN,
          "run",
          "change a.txt",
        ],
        cwd: program.state.cwd,
        env: program.env,
        clearEnv: true,
        stdin: "null",
        stdout: "null",
      }).output();
      assert.equal(code, 0, new TextDecoder().decode(stderr));
      const written = Deno.lstatSync(join(program.state.cwd, "a.txt")).mode ?? 0;
      assert.equal(written & 0o777, 0o666 & ~Number.parseInt(umask, 8));
      const files = filesBelow(program.state.home);
      assert.ok(files.size > 8, "the state directory was not found");
      for (const [path, info] of files) {
        if (info.isSocket) continue;
        // Git writes its objects read-only.
        const isObject = path.includes(".git/objects/") && !info.isDirectory;
        assert.equal((info.mode ?? 0) & 0o777, info.isDirectory ? 0o700 : isObject ? 0o400 : 0o600, path);
      }
      assert.equal((await program.run(["show", "last"])).code, 0);
    },
  });
}
