import assert from "node:assert/strict";
import { join } from "node:path";
import { nestedRepositories } from "../../src/system/files/nested_repositories.ts";

Deno.test("nestedRepositories: finds those below, and holds up nobody while it looks", async () => {
  const root = Deno.makeTempDirSync();
  try {
    for (let index = 0; index < 1_900; index++) Deno.mkdirSync(join(root, `d${index}`));
    for (const name of ["", "d7", "d7/inner", "node_modules"]) {
      Deno.mkdirSync(join(root, name, ".git"), { recursive: true });
    }
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    const found = await nestedRepositories(root);
    clearInterval(timer);
    assert.deepEqual(found, [join(root, "d7"), join(root, "d7", "inner")]);
    assert.ok(turns > 0);
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
});
