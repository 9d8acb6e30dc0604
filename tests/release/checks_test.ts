/**
 * Tests of what is released, with the programs that others check it with: shellcheck, actionlint, the validator of MCP
 * bundles and Claude Code itself.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { manifestFor } from "../../.github/release/bundle.ts";
import { ASSETS } from "../../src/cli/update/asset_name.ts";
import { agentExecutable } from "../support/agents.ts";
import { fromFileUrl } from "../support/from_file_url.ts";
import { actionlint, MCPB, mcpb, shellcheck } from "../support/tools.ts";

const TOP = fromFileUrl(new URL("../../", import.meta.url));
const isWindows = Deno.build.os === "windows";
const [shellchecker, actionlinter] = isWindows
  ? [null, null]
  : await Promise.all([shellcheck(), actionlint()]);

interface RunOptions {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
}

/** Both of its streams; it must end with 0. */
async function run(words: readonly string[], { cwd = TOP, env = {} }: RunOptions = {}): Promise<string> {
  const [program = "", ...args] = words;
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args,
    cwd,
    env,
    stdin: "null",
    signal: AbortSignal.timeout(120_000),
  }).output();
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assert.equal(code, 0, `${words.join(" ")}: ${said}`);
  return said;
}

Deno.test({
  name: "shellcheck has nothing to say of any script",
  ignore: shellchecker === null,
  fn: async () => {
    const scripts = ["install.sh", ".github/release/smoke.sh", ".github/release/changelog.sh", ".ci/run"];
    await run([shellchecker ?? "", ...scripts]);
  },
});

Deno.test({
  name: "actionlint has nothing to say of the workflows, nor shellcheck of their scripts",
  ignore: actionlinter === null,
  fn: async () => {
    const workflows = ["ci.yml", "release.yml"].map((name) => join(TOP, ".github", "workflows", name));
    await run([actionlinter ?? "", "-no-color", `-shellcheck=${shellchecker ?? ""}`, ...workflows]);
  },
});

Deno.test("bundles for MCP hosts: a release packs them with the version that the tests use", () => {
  const workflow = Deno.readTextFileSync(join(TOP, ".github", "workflows", "release.yml"));
  assert.ok(workflow.includes(`\n  MCPB_VERSION: ${MCPB}\n`));
});

Deno.test({
  name: "bundles for MCP hosts: each platform's is valid, and its program can be started after unpacking",
  ignore: isWindows,
  fn: async () => {
    const directory = Deno.makeTempDirSync({ prefix: "agent-async-bundle-" });
    try {
      const manifest = Deno.readTextFileSync(join(TOP, ".github", "release", "mcpb", "manifest.json"));
      for (const target of Object.values(ASSETS).map((asset) => asset.replace(/^agent-async-|\.exe$/g, ""))) {
        Deno.writeTextFileSync(join(directory, "manifest.json"), manifestFor(target, manifest));
        await run([await mcpb(), "validate", join(directory, "manifest.json")]);
      }
      const program = join(directory, "agent-async");
      Deno.writeTextFileSync(program, "#!/bin/sh\necho started\n", { mode: 0o755 });
      const [bundle, packed, unpacked] = ["bundle", "a.mcpb", "unpacked"].map((name) =>
        join(directory, name)
      );
      const script = join(TOP, ".github", "release", "bundle.ts");
      const target = "x86_64-unknown-linux-gnu";
      await run([Deno.execPath(), "run", "-A", script, target, program, bundle ?? ""]);
      await run([await mcpb(), "pack", bundle ?? "", packed ?? ""]);
      await run([await mcpb(), "unpack", packed ?? "", unpacked ?? ""]);
      assert.equal(await run([join(unpacked ?? "", "server", "agent-async")]), "started\n");
    } finally {
      Deno.removeSync(directory, { recursive: true });
    }
  },
});

Deno.test({
  name: "the plugin and its marketplace: Claude Code has nothing to say of them",
  ignore: isWindows,
  fn: async () => {
    const claude = await agentExecutable("claude");
    const home = Deno.makeTempDirSync({ prefix: "agent-async-plugin-" });
    const env = { HOME: home, DISABLE_AUTOUPDATER: "1", CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1" };
    try {
      for (const name of ["plugin.json", "marketplace.json"]) {
        const path = join(TOP, ".claude-plugin", name);
        await run([claude, "plugin", "validate", "--strict", path], { cwd: home, env });
      }
    } finally {
      Deno.removeSync(home, { recursive: true });
    }
  },
});

Deno.test({
  name: "compile: a program that was made on the wrong base, and does not start, is noticed",
  ignore: isWindows,
  fn: async () => {
    const directory = Deno.makeTempDirSync({ prefix: "agent-async-compile-" });
    try {
      const { code, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", ".github/release/compile.ts", "--quiet", "-o", join(directory, "program")],
        cwd: TOP,
        env: { DENORT_BIN: "/bin/cat" },
        stdin: "null",
        stdout: "null",
      }).output();
      assert.equal(code, 1);
      assert.match(new TextDecoder().decode(stderr), /program was made and does not start/);
    } finally {
      Deno.removeSync(directory, { recursive: true });
    }
  },
});
