/**
 * Tests of room `system`: the shims of npm and pnpm, as these write them, in front of real programs.
 *
 * @module
 */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { AgentProbe } from "../../src/system/agent_probe.ts";
import { commandBehindShim, npmShimTarget } from "../../src/system/npm_shim.ts";
import { KernelHome, printed } from "../support/kernel_home.ts";
import { npmProgramShim, npmScriptShim, withWindowsEnds } from "../support/npm_shims.ts";
import { processWrapper } from "../support/wrappers.ts";

const SCRIPT = "node_modules\\@openai\\codex\\bin\\codex.js";

const NPM_SCRIPT = npmScriptShim(SCRIPT);

const NPM_PROGRAM = npmProgramShim("node_modules\\@anthropic-ai\\claude-code\\bin\\claude.exe");

const PNPM_SCRIPT = withWindowsEnds(`@SETLOCAL
@IF EXIST "%~dp0\\node.exe" (
  "%~dp0\\node.exe"  "%~dp0\\${SCRIPT}" %*
) ELSE (
  @SET PATHEXT=%PATHEXT:;.JS;=;%
  node  "%~dp0\\${SCRIPT}" %*
)
`);

/** A directory of a PATH with shims. */
class Shims implements Disposable {
  readonly path = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "agent-async-shims-" }));
  readonly script = join(this.path, SCRIPT.replaceAll("\\", "/"));

  constructor(shims: Record<string, string>) {
    for (const [name, text] of Object.entries(shims)) {
      // On Linux a file must say that it can be run, to be found.
      Deno.writeTextFileSync(join(this.path, name), text, { mode: 0o755 });
    }
    Deno.mkdirSync(dirname(this.script), { recursive: true });
    Deno.writeTextFileSync(
      this.script,
      "console.log(JSON.stringify(process.argv.slice(2)))\nprocess.exit(7)\n",
    );
    Deno.writeTextFileSync(
      join(this.script, "..", "..", "package.json"),
      '{ "name": "@openai/codex", "version": "0.170.1" }',
    );
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

/** What no shell may touch. */
const ARGUMENTS = ["a b", '{"k":"v"}', "%PATH%", "", "^&|<>", "line\nbreak"];

const PATH = Deno.env.get("PATH") ?? "/usr/bin:/bin";

Deno.test("npm shim: leads to a script or a program; what is no shim leads nowhere", () => {
  using shims = new Shims({
    "npm.cmd": NPM_SCRIPT,
    "claude.CMD": NPM_PROGRAM,
    "pnpm.cmd": PNPM_SCRIPT,
    "own.cmd": "@echo off\r\necho %*\r\n",
    "codex": NPM_SCRIPT,
  });
  const target = (name: string) => npmShimTarget(join(shims.path, name));
  const claude = join(shims.path, "node_modules", "@anthropic-ai", "claude-code", "bin", "claude.exe");
  assert.deepEqual([target("npm.cmd"), target("pnpm.cmd"), target("claude.CMD")], [
    shims.script,
    shims.script,
    claude,
  ]);
  assert.deepEqual([target("own.cmd"), target("codex"), target("absent.cmd")], [null, null, null]);

  const command = (name: string, path = PATH) => commandBehindShim(join(shims.path, name), ["x"], path);
  assert.deepEqual(command("claude.CMD"), [claude, "x"]);
  assert.deepEqual(command("npm.cmd").slice(1), [shims.script, "x"]);
  for (const name of ["own.cmd", "codex"]) assert.deepEqual(command(name), [join(shims.path, name), "x"]);
  const beside = join(shims.path, Deno.build.os === "windows" ? "node.exe" : "node");
  Deno.writeTextFileSync(beside, "");
  assert.deepEqual(command("npm.cmd"), [beside, shims.script, "x"]);
  Deno.removeSync(beside);
  // Without a Node there is only cmd.exe.
  assert.deepEqual(command("npm.cmd", ""), [join(shims.path, "npm.cmd"), "x"]);
});

Deno.test("npm shim: the probe sees through it: the package behind it, and its answers", async () => {
  using shims = new Shims({ "codex.cmd": NPM_SCRIPT });
  const probe = new AgentProbe();
  const shim = join(shims.path, "codex.cmd");
  assert.equal(probe.realPath(shim), shims.script);
  const answer = await probe.run(shim, ARGUMENTS, { env: { PATH }, timeoutMs: 20_000 });
  assert.deepEqual(answer, { code: 7, stdout: `${JSON.stringify(ARGUMENTS)}\n`, stderr: "" });
});

Deno.test("npm shim: an agent behind one is run by a process of this program, as on Windows", async () => {
  using shims = new Shims({ "codex.cmd": NPM_SCRIPT });
  await using home = new KernelHome({ wrapper: processWrapper });
  const { turn, process, status } = home.launch(home.newTurn(), {
    executable: join(shims.path, "codex.cmd"),
    args: ARGUMENTS,
  });
  await status;
  assert.deepEqual([process.exitRecord(), printed(turn)], [7, [JSON.stringify(ARGUMENTS)]]);
});
