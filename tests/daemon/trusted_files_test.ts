/**
 * Links that were planted while the state directory was open to others.
 *
 * @module
 */
import assert from "node:assert/strict";
import { withLastWords } from "../../src/daemon/last_words.ts";
import { isTrustedFile, requireTrustedFiles } from "../../src/daemon/trusted_files.ts";
import { makeStateHome } from "../support/state_home.ts";
import { NOT_ROOT, testUnless } from "../support/skippable.ts";

Deno.test("files that lead elsewhere are refused by name, and nothing is written through them", async () => {
  await using state = makeStateHome();
  const { home, cwd } = state;
  const victim = `${cwd}/precious`;
  Deno.writeTextFileSync(victim, "precious");
  requireTrustedFiles(home);
  for (const name of ["daemon.lock", "daemon.log", "daemon.stderr"]) {
    const path = `${home}/${name}`;
    for (
      const [link, problem] of [[Deno.symlinkSync, /symbolic link/], [Deno.linkSync, /hard link/]] as const
    ) {
      link(victim, path);
      assert.throws(() => requireTrustedFiles(home), { code: "daemon_unreachable", message: problem });
      assert.throws(() => requireTrustedFiles(home), { message: new RegExp(name) });
      assert.equal(isTrustedFile(path), false);
      if (name === "daemon.stderr") assert.deepEqual(withLastWords(home, ["x"]), ["x"]);
      Deno.removeSync(path);
    }
    assert.ok(isTrustedFile(path));
  }
  assert.equal(Deno.readTextFileSync(victim), "precious");
});

Deno.test("a link of one's own for the configuration or the database is one's own business", async () => {
  await using state = makeStateHome();
  const { home, cwd } = state;
  Deno.removeSync(`${home}/config.json`);
  for (const name of ["config.json", "queue.db"]) Deno.symlinkSync(`${cwd}/${name}`, `${home}/${name}`);
  requireTrustedFiles(home);
});

testUnless(NOT_ROOT, "what another user has put there is refused", async () => {
  await using state = makeStateHome();
  for (const name of ["config.json", "jobs", "daemon.log"]) {
    const path = `${state.home}/${name}`;
    if (name === "jobs") Deno.mkdirSync(path);
    else Deno.writeTextFileSync(path, "{}");
    Deno.chownSync(path, 65534, 65534);
    assert.throws(() => requireTrustedFiles(state.home), { message: /belongs to the user with id 65534/ });
    Deno.removeSync(path, { recursive: true });
  }
});
