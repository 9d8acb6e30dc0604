/** Tests of where an agent that only reads looks for programs. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { pathWithoutProject } from "../../src/scheduler/turn/program_path.ts";

Deno.test("a reading agent's PATH: without the project's directories, however they are named", () => {
  const top = Deno.realPathSync(Deno.makeTempDirSync());
  try {
    const [root, home, bin] = [join(top, "home", "project"), join(top, "home"), join(top, "bin")];
    for (const path of [join(root, "below", ".bin"), join(root, "..odd"), bin]) {
      Deno.mkdirSync(path, { recursive: true });
    }
    Deno.symlinkSync(join(root, "below"), join(top, "link"));
    Deno.symlinkSync(bin, join(root, "out"));
    const kept = [bin, join(top, "absent"), join(top, "home", "project-2"), "/usr/bin"];
    const dropped = [
      root,
      join(root, "below", ".bin"),
      join(root, "..odd"),
      join(root, "absent"),
      join(root, "out"),
      join(top, "link"),
      join(top, "link", ".bin"),
      "",
      ".",
      ".bin",
      "../other",
    ];
    const cwd = join(root, "below");
    const path = [...dropped.slice(0, 5), ...kept, ...dropped.slice(5)].join(":");
    assert.equal(pathWithoutProject(path, { cwd, tree: { root }, home }), kept.join(":"));
    // Directories of a home that is a repository itself are the user's own.
    assert.equal(pathWithoutProject(path, { cwd, tree: { root: home }, home }), path);
    assert.equal(
      pathWithoutProject(path, { cwd, tree: { root: home }, home: undefined }),
      [
        bin,
        join(top, "absent"),
        "/usr/bin",
      ].join(":"),
    );
  } finally {
    Deno.removeSync(top, { recursive: true });
  }
});
