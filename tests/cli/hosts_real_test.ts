/**
 * Tests of `add-agent` and `remove-agent` with the real Claude Code, Codex and Gemini CLI: what this program writes,
 * through their command lines or without them, is what they list and start.
 *
 * @module
 */
import assert from "node:assert/strict";
import { delimiter, dirname, join } from "node:path";
import { PATIENCE_MS } from "../support/eventually.ts";
import { agentExecutable, type RealAgent, testCache } from "../support/agents.ts";
import { fromFileUrl } from "../support/from_file_url.ts";

const MAIN = fromFileUrl(new URL("../../main.ts", import.meta.url));
const COMMAND = [Deno.execPath(), "run", "-A", MAIN, "mcp"];

/** Whatever wants to leave this machine meets a port that nobody listens on. */
const DEAD_END = "http://127.0.0.1:9";

/** An empty HOME and project beside the real command line of one host. */
class RealHost implements Disposable {
  readonly home: string;
  readonly project: string;
  readonly #root: string;

  /** @param executable of the host, absolute. */
  constructor(readonly executable: string) {
    Deno.mkdirSync(testCache(), { recursive: true });
    this.#root = Deno.makeTempDirSync({ dir: testCache(), prefix: "host-" });
    this.home = join(this.#root, "home");
    this.project = join(this.#root, "project");
    for (const directory of [this.home, this.project, join(this.home, ".codex")]) Deno.mkdirSync(directory);
  }

  static async of(agent: RealAgent): Promise<RealHost> {
    return new RealHost(await agentExecutable(agent));
  }

  /** This program, on whose PATH the host's command line is or is not. */
  async program(args: readonly string[], { hasHost }: { hasHost: boolean }) {
    const path = hasHost
      ? `${dirname(this.executable)}${delimiter}${this.#env().PATH}`
      : join(this.#root, "nothing");
    const { code, stdout, stderr } = await this.#run([...COMMAND.slice(0, -1), ...args, "--json"], {
      PATH: path,
    });
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
  }

  /** The host's own command line: both of its streams. */
  async host(...args: string[]): Promise<string> {
    const { stdout, stderr } = await this.#run([this.executable, ...args], {});
    return stdout + stderr;
  }

  write(path: string, text: string): void {
    Deno.mkdirSync(dirname(join(this.home, path)), { recursive: true });
    Deno.writeTextFileSync(join(this.home, path), text);
  }

  read(path: string): string {
    return Deno.readTextFileSync(join(this.home, path));
  }

  remove(path: string): void {
    Deno.removeSync(join(this.home, path));
  }

  /** Names in a directory. */
  names(path: string): string[] {
    return [...Deno.readDirSync(join(this.home, path))].map(({ name }) => name);
  }

  async #run([program = "", ...args]: readonly string[], env: Record<string, string>) {
    const { code, stdout, stderr } = await new Deno.Command(program, {
      args,
      cwd: this.project,
      env: { ...this.#env(), ...env },
      clearEnv: true,
      stdin: "null",
      signal: AbortSignal.timeout(PATIENCE_MS),
    }).output();
    return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
  }

  #env() {
    const { PATH = "/usr/bin:/bin", HOME, XDG_CACHE_HOME, DENO_DIR } = Deno.env.toObject();
    return {
      HOME: this.home,
      PATH,
      LANG: "C.UTF-8",
      // What the program is made of was fetched before, into the cache of the HOME that is not this one.
      DENO_DIR: DENO_DIR ?? join(XDG_CACHE_HOME ?? join(HOME ?? "/", ".cache"), "deno"),
      HTTP_PROXY: DEAD_END,
      HTTPS_PROXY: DEAD_END,
      NO_PROXY: "127.0.0.1,localhost",
      GEMINI_CLI_TRUST_WORKSPACE: "true",
    };
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.#root, { recursive: true });
  }
}

for (const hasHost of [true, false]) {
  const way = hasHost ? "through its command line" : "without its command line";

  Deno.test(`Claude Code, ${way}: says Connected, and nothing after remove-agent`, async () => {
    using claude = await RealHost.of("claude");
    const added = await claude.program(["add-agent", "claude-code", "--allow", "--wake"], { hasHost });
    assert.deepEqual([added.via, added.notes], [hasHost ? "command" : "file", hasHost ? [] : added.notes]);
    const listed = await claude.host("mcp", "list");
    assert.match(listed, /^agent-async: .* mcp - .* Connected$/m);
    assert.match(
      await claude.host("mcp", "get", "agent-async"),
      /Scope: User config[\s\S]*Timeout: 600000ms/,
    );
    const again = await claude.program(["add-agent", "claude-code", "--allow", "--wake"], { hasHost });
    assert.deepEqual([again.changed, again.via], [[], null]);
    const removed = await claude.program(["remove-agent", "claude-code"], { hasHost });
    assert.deepEqual([removed.removed, removed.via], [true, added.via]);
    assert.doesNotMatch(await claude.host("mcp", "list"), /agent-async/);
    assert.equal((await claude.program(["remove-agent", "claude-code"], { hasHost })).removed, false);
  });

  Deno.test(`Claude Code, ${way}: the server of a project is connected once it is allowed and the directory trusted`, async () => {
    using claude = await RealHost.of("claude");
    await claude.program(["add-agent", "claude-code", "--project"], { hasHost });
    assert.match(await claude.host("mcp", "list"), /^agent-async: .*Pending approval/m);
    await claude.program(["add-agent", "claude-code", "--project", "--allow"], { hasHost });
    // An approval that lies in the directory counts when the person has trusted it: 2.1.332 asks for that everywhere.
    assert.match(await claude.host("mcp", "list"), /^agent-async: .*Pending approval/m);
    claude.write(
      ".claude.json",
      JSON.stringify({ projects: { [claude.project]: { hasTrustDialogAccepted: true } } }),
    );
    assert.match(await claude.host("mcp", "list"), /^agent-async: .* Connected$/m);
    await claude.program(["remove-agent", "claude-code", "--project"], { hasHost });
    assert.doesNotMatch(await claude.host("mcp", "list"), /agent-async/);
  });

  Deno.test(`Codex, ${way}: lists the server and keeps every byte of the rest`, async () => {
    using codex = await RealHost.of("codex");
    const before =
      '# top\nmodel = "m" # best\n\n[mcp_servers.other] # mine\ncommand = "x"   # y\nargs = [\n  "a",\n]\n';
    codex.write(".codex/config.toml", before);
    const added = await codex.program(["add-agent", "codex", "--allow", "--toolsets", "jobs,codex"], {
      hasHost,
    });
    assert.equal(added.via, hasHost ? "command" : "file");
    assert.ok(codex.read(".codex/config.toml").startsWith(before));
    assert.equal(codex.read(".codex/config.toml.agent-async-backup"), before);
    const server = async () => {
      const said = await codex.host("mcp", "list", "--json");
      const servers = JSON.parse(said.slice(said.indexOf("["), said.lastIndexOf("]") + 1));
      return servers.find(({ name }: { name: string }) => name === "agent-async");
    };
    const { enabled, transport: { command, args, env_vars }, tool_timeout_sec } = await server();
    // Without them a job that is started from Codex would not be logged in.
    for (const name of ["CODEX_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "CURSOR_API_KEY"]) {
      assert.ok(env_vars.includes(name), name);
    }
    assert.deepEqual([enabled, command, ...args], [true, ...COMMAND, "--toolsets", "jobs,codex"]);
    assert.equal(tool_timeout_sec, 120);
    assert.match(
      codex.read(".codex/config.toml"),
      /^tools = \{ codex_start = \{ approval_mode = "approve" \}, .*job_wait = \{ approval_mode = "approve" \}/m,
    );
    assert.doesNotMatch(codex.read(".codex/config.toml"), /default_tools_approval_mode|job_answer|job_apply/);
    const removed = await codex.program(["remove-agent", "codex"], { hasHost });
    assert.equal(removed.via, added.via);
    assert.equal(await server(), undefined);
    assert.equal(codex.read(".codex/config.toml"), before);
    // A file that was made for it goes with it.
    for (const name of ["config.toml", "config.toml.agent-async-backup"]) codex.remove(`.codex/${name}`);
    await codex.program(["add-agent", "codex"], { hasHost });
    await codex.program(["remove-agent", "codex"], { hasHost });
    assert.deepEqual(codex.names(".codex").filter((name) => name.includes("config.toml")), []);
  });

  Deno.test(`Gemini CLI, ${way}: lists the server and keeps every byte of the rest`, async () => {
    using gemini = await RealHost.of("gemini");
    const before =
      '{\n    // look\n    "ui": {"theme": "Default"}, /* x */\n    "mcpServers": {} // none yet\n}\n';
    gemini.write(".gemini/settings.json", before);
    const added = await gemini.program(["add-agent", "gemini", "--allow"], { hasHost });
    assert.equal(added.via, hasHost ? "command" : "file");
    const text = gemini.read(".gemini/settings.json");
    assert.match(text, /\n {4}\/\/ look\n {4}"ui": \{"theme": "Default"\}, \/\* x \*\/\n/);
    assert.match(
      text,
      /"timeout": 600000,\s+"trust": true,\s+"excludeTools": \[\s*"job_answer",\s*"job_apply"\s*\]/,
    );
    assert.match(
      await gemini.host("mcp", "list"),
      new RegExp(`agent-async: ${COMMAND.join(" ")} \\(stdio\\)`),
    );
    const removed = await gemini.program(["remove-agent", "gemini"], { hasHost });
    assert.equal(removed.via, added.via);
    assert.doesNotMatch(await gemini.host("mcp", "list"), /agent-async:/);
    assert.equal(gemini.read(".gemini/settings.json"), before);
  });
}

Deno.test("Gemini CLI: the value of a variable that a server's env names is never written into the file", async () => {
  using gemini = await RealHost.of("gemini");
  const before = '{ "mcpServers": { "other": { "command": "x", "env": { "LANGUAGE": "$LANG" } } } }\n';
  gemini.write(".gemini/settings.json", before);
  // Its own command line would have written the value.
  const added = await gemini.program(["add-agent", "gemini"], { hasHost: true });
  assert.equal(added.via, "file");
  assert.match(gemini.read(".gemini/settings.json"), /"env": \{ "LANGUAGE": "\$LANG" \} \}, "agent-async"/);
  assert.match(await gemini.host("mcp", "list"), /agent-async: /);
  await gemini.program(["remove-agent", "gemini"], { hasHost: true });
  assert.equal(gemini.read(".gemini/settings.json"), before);
});

Deno.test("Codex: a project's server is listed where the project is trusted", async () => {
  using codex = await RealHost.of("codex");
  codex.write(".codex/config.toml", `[projects."${codex.project}"]\ntrust_level = "trusted"\n`);
  const added = await codex.program(["add-agent", "codex", "--project"], { hasHost: true });
  assert.deepEqual([added.via, added.changed], ["file", [join(codex.project, ".codex", "config.toml")]]);
  assert.match(await codex.host("mcp", "list"), /^agent-async /m);
  await codex.program(["remove-agent", "codex", "--project"], { hasHost: true });
  assert.doesNotMatch(await codex.host("mcp", "list"), /^agent-async /m);
});

Deno.test("a host whose own command line fails: its file is edited, and that is said", async () => {
  const bin = Deno.makeTempDirSync({ prefix: "agent-async-bin-" });
  Deno.writeTextFileSync(join(bin, "claude"), "#!/bin/sh\necho 'policy forbids it' >&2\nexit 1\n");
  Deno.chmodSync(join(bin, "claude"), 0o755);
  try {
    using claude = new RealHost(join(bin, "claude"));
    const added = await claude.program(["add-agent", "claude-code"], { hasHost: true });
    assert.equal(added.via, "file");
    assert.match(added.notes[0], /own command could not add it \(it ended with 1: policy forbids it\)/);
    assert.equal(JSON.parse(claude.read(".claude.json")).mcpServers["agent-async"].command, COMMAND[0]);
  } finally {
    Deno.removeSync(bin, { recursive: true });
  }
});
