/**
 * Tests of relative entries of PATH: they start from the directory of the terminal or host, never from the daemon's.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { hostEnvironment } from "../../src/cli/entry/host_environment.ts";
import type { Io } from "../../src/cli/io.ts";
import { AgentProbe } from "../../src/system/agent_probe.ts";

Deno.test({
  name:
    "AgentProbe: relative and empty entries of a PATH start from the given directory, and from none without it",
  ignore: Deno.build.os === "windows",
  fn: () => {
    const root = Deno.realPathSync(Deno.makeTempDirSync());
    try {
      const [bin, modules] = [join(root, "bin"), join(root, "node_modules", ".bin")];
      for (const directory of [bin, modules]) Deno.mkdirSync(directory, { recursive: true });
      for (const [directory, name] of [[bin, "one"], [modules, "two"], [root, "three"]] as const) {
        Deno.writeTextFileSync(join(directory, name), "#!/bin/sh\n", { mode: 0o755 });
        Deno.chmodSync(join(directory, name), 0o755);
      }
      const probe = new AgentProbe();
      const path = "/nowhere:./bin:node_modules/.bin::/none";
      const found = ["one", "two", "three"].map((name) => probe.find([name], path, root));
      assert.deepEqual(found, [join(bin, "one"), join(modules, "two"), join(root, "three")]);
      assert.deepEqual(["one", "two", "three"].map((name) => probe.find([name], path)), [null, null, null]);
      assert.equal(probe.find(["three"], "", root), null);
    } finally {
      Deno.removeSync(root, { recursive: true });
    }
  },
});

Deno.test({
  name: "hostEnvironment: the directory goes with a PATH that needs it, and with no other",
  ignore: Deno.build.os === "windows",
  fn: () => {
    const of = (PATH: string) => hostEnvironment({ env: { PATH, A: "1" }, cwd: "/here" } as unknown as Io);
    assert.deepEqual(of("/bin:/usr/bin"), { PATH: "/bin:/usr/bin", A: "1" });
    assert.deepEqual(of("/bin:./x"), { PATH: "/bin:./x", A: "1", AGENT_ASYNC_HOST_DIRECTORY: "/here" });
  },
});
