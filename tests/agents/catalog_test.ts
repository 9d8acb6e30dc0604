/**
 * Tests of room `agents`: detection, on a scripted outside world.
 *
 * @module
 */
import assert from "node:assert/strict";
import { codexDriver } from "../../src/agents/codex/driver.ts";
import { AgentCatalog } from "../../src/agents/detection/catalog.ts";
import type { AgentSettings } from "../../src/agents/detection/detection.ts";
import type { Probe } from "../../src/agents/detection/probe.ts";

interface Answer {
  code: number;
  stdout: string;
  stderr: string;
}

/** Executables by path, with what `--version` prints; everything asked is kept. */
class ScriptedProbe implements Probe {
  readonly platform = { os: "linux", arch: "x86_64" };
  readonly isRoot = false;
  readonly executables = new Map<string, { mtimeMs: number; answer: Answer | null; realPath?: string }>();
  readonly texts = new Map<string, string>();
  readonly asked: { command: string; env: Record<string, string>; cwd: string | undefined }[] = [];

  install(path: string, version: string, more: { mtimeMs?: number; realPath?: string } = {}): void {
    const answer = { code: 0, stdout: `codex-cli ${version}\n`, stderr: "" };
    this.executables.set(path, { mtimeMs: 1, answer, ...more });
  }

  find(names: readonly string[], path: string): string | null {
    const all = path.split(":").flatMap((directory) => names.map((name) => `${directory}/${name}`));
    return all.find((candidate) => this.executables.has(candidate)) ?? null;
  }

  realPath(path: string): string {
    return this.executables.get(path)?.realPath ?? path;
  }

  identity(path: string): string | null {
    const executable = this.executables.get(path);
    return executable === undefined ? this.texts.get(path) ?? null : String(executable.mtimeMs);
  }

  isExecutable(path: string): boolean {
    return this.executables.has(path);
  }

  readText(path: string): string | null {
    return this.texts.get(path) ?? null;
  }

  run(
    executable: string,
    args: readonly string[],
    options: { env: Readonly<Record<string, string>>; cwd?: string },
  ): Promise<Answer | null> {
    this.asked.push({
      command: [executable, ...args].join(" "),
      env: { ...options.env },
      cwd: options.cwd,
    });
    return Promise.resolve(this.executables.get(executable)?.answer ?? null);
  }
}

function catalogOf(probe: Probe, settings: Record<string, AgentSettings> = {}): AgentCatalog {
  return new AgentCatalog({ drivers: () => [codexDriver], probe, settings: () => settings });
}

const HOST = { PATH: "/usr/bin:/usr/local/bin" };

Deno.test("catalog: an agent that is installed later is found at the next call", async () => {
  const probe = new ScriptedProbe();
  const catalog = catalogOf(probe);
  const missing = await catalog.detect("codex", HOST);
  assert.deepEqual({ ...missing, hint: null }, {
    name: "codex",
    title: "Codex CLI",
    available: false,
    executable: null,
    version: null,
    problem: "not_installed",
    hint: null,
  });
  assert.match(missing.hint ?? "", /not found on PATH\. Install it with/);
  probe.install("/usr/local/bin/codex", "0.169.0");
  assert.deepEqual(await catalog.detect("codex", HOST), {
    name: "codex",
    title: "Codex CLI",
    available: true,
    executable: "/usr/local/bin/codex",
    version: "0.169.0",
    problem: null,
    hint: null,
  });
});

Deno.test("catalog: the version is asked once per executable and time of change", async () => {
  const probe = new ScriptedProbe();
  probe.install("/usr/bin/codex", "0.150.0");
  probe.install("/home/dev/bin/codex", "0.169.0");
  const catalog = catalogOf(probe);
  const versionFor = async (path: string) => (await catalog.detect("codex", { PATH: path })).version;
  assert.deepEqual(
    await Promise.all([versionFor("/usr/bin"), versionFor("/usr/bin"), versionFor("/home/dev/bin")]),
    ["0.150.0", "0.150.0", "0.169.0"],
  );
  assert.equal(probe.asked.length, 2);
  probe.install("/usr/bin/codex", "0.151.0", { mtimeMs: 2 });
  assert.equal(await versionFor("/usr/bin"), "0.151.0");
  assert.equal(probe.asked.length, 3);
});

Deno.test("catalog: an agent whose version cannot be read is available, and asked again", async () => {
  const probe = new ScriptedProbe();
  probe.executables.set("/usr/bin/codex", { mtimeMs: 1, answer: null });
  const catalog = catalogOf(probe);
  const first = await catalog.detect("codex", HOST);
  assert.deepEqual([first.available, first.version], [true, null]);
  probe.install("/usr/bin/codex", "0.169.0");
  assert.equal((await catalog.detect("codex", HOST)).version, "0.169.0");
});

Deno.test("catalog: the version of what npm installed is in its package, and nobody is asked", async () => {
  const probe = new ScriptedProbe();
  const top = "/usr/lib/node_modules/@openai/codex";
  probe.install("/usr/bin/codex", "0.1.0", { realPath: `${top}/bin/codex.js` });
  const catalog = catalogOf(probe);
  const version = async (text: string) => {
    probe.texts.set(`${top}/package.json`, text);
    return (await catalog.detect("codex", HOST)).version;
  };
  assert.equal(await version('{"name":"@openai/codex","version":"0.169.0"}'), "0.169.0");
  assert.equal(await version('{"name":"@openai/codex","version":"0.170.1"}'), "0.170.1");
  assert.deepEqual(probe.asked, []);
  for (const other of ['{"name":"other","version":"9.9.9"}', '{"name":"@openai/codex"}', "{", "[]"]) {
    assert.equal(await version(other), "0.1.0");
  }
});

Deno.test("catalog: an agent that answers without a version is asked once per executable and PATH", async () => {
  const probe = new ScriptedProbe();
  const catalog = catalogOf(probe);
  for (const code of [0, 2]) {
    probe.executables.set("/usr/bin/codex", {
      mtimeMs: code,
      answer: { code, stdout: "hello\n", stderr: "" },
    });
    for (let call = 0; call < 3; call++) assert.equal((await catalog.detect("codex", HOST)).version, null);
  }
  assert.equal(probe.asked.length, 2);
  await catalog.detect("codex", { PATH: "/usr/bin" });
  assert.equal(probe.asked.length, 3);
});

Deno.test("catalog: a version that takes too long is not waited for, and known at the next call", async () => {
  const answer = Promise.withResolvers<Answer>();
  const probe = new class extends ScriptedProbe {
    override run(): Promise<Answer> {
      return answer.promise;
    }
  }();
  probe.install("/usr/bin/codex", "");
  const catalog = catalogOf(probe);
  const hasty = await catalog.detect("codex", HOST, { patience: Promise.resolve() });
  assert.deepEqual([hasty.available, hasty.version], [true, null]);
  answer.resolve({ code: 0, stdout: "codex-cli 0.169.0\n", stderr: "" });
  assert.equal((await catalog.detect("codex", HOST)).version, "0.169.0");
});

Deno.test("catalog: too old is told with the version that is needed", async () => {
  const probe = new ScriptedProbe();
  probe.install("/usr/bin/codex", "0.99.0");
  const detection = await catalogOf(probe).detect("codex", HOST);
  assert.equal(detection.available, false);
  assert.equal(detection.problem, "too_old");
  assert.match(detection.hint ?? "", /0\.99\.0 is too old, 0\.125\.0 is needed\. Upgrade it with/);
});

Deno.test("catalog: the native binary behind the launcher is preferred", async () => {
  const probe = new ScriptedProbe();
  const modules = "/usr/lib/node_modules/@openai";
  const native = `${modules}/codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex`;
  probe.install("/usr/bin/codex", "0.169.0", { realPath: `${modules}/codex/bin/codex.js` });
  probe.install(native, "0.169.0");
  assert.equal((await catalogOf(probe).detect("codex", HOST)).executable, native);
});

Deno.test("catalog: a configured command is an absolute path or another name on PATH", async () => {
  const probe = new ScriptedProbe();
  probe.install("/opt/codex-next", "0.170.0");
  probe.install("/usr/bin/codex", "0.150.0");
  probe.install("/usr/bin/my-codex", "0.160.0");
  const found = async (
    command: string,
  ) => (await catalogOf(probe, { codex: { command } }).detect("codex", HOST));
  assert.equal((await found("/opt/codex-next")).executable, "/opt/codex-next");
  assert.equal((await found("my-codex")).executable, "/usr/bin/my-codex");
  const missing = await found("/opt/absent");
  assert.equal(missing.problem, "not_installed");
  assert.match(missing.hint ?? "", /the configured command "\/opt\/absent"/);
});

Deno.test("catalog: logins and MCP servers are asked in the host's environment, the configured one over it", async () => {
  const probe = new ScriptedProbe();
  probe.install("/usr/bin/codex", "0.169.0");
  const catalog = catalogOf(probe, { codex: { env: { CODEX_HOME: "/srv/codex" } } });
  const executable = probe.executables.get("/usr/bin/codex");
  assert.ok(executable !== undefined);
  executable.answer = { code: 1, stdout: "", stderr: "Not logged in\n" };
  assert.equal(await catalog.isLoggedIn("codex", HOST), false);
  executable.answer = { code: 0, stdout: '[{"name":"docs"}]', stderr: "" };
  assert.deepEqual(await catalog.mcpServers("codex", { env: HOST, cwd: "/repo" }), ["docs"]);
  executable.answer = null;
  executable.mtimeMs += 1;
  assert.equal(await catalog.isLoggedIn("codex", HOST), null);
  assert.deepEqual(await catalog.mcpServers("codex", { env: HOST, cwd: "/repo" }), []);
  const env = { ...HOST, CODEX_HOME: "/srv/codex" };
  assert.deepEqual(probe.asked.slice(0, 2), [
    { command: "/usr/bin/codex login status", env, cwd: undefined },
    { command: "/usr/bin/codex mcp list --json", env, cwd: "/repo" },
  ]);
  assert.equal(await catalog.isLoggedIn("codex", { PATH: "/nowhere" }), null);
});

Deno.test("catalog: MCP servers are asked for again only when something changes that they depend on", async () => {
  const probe = new ScriptedProbe();
  const catalog = catalogOf(probe);
  const answer = { code: 0, stdout: '[{"name":"docs"}]', stderr: "" };
  const executable = { mtimeMs: 1, answer };
  probe.executables.set("/usr/bin/codex", executable);
  const env = { ...HOST, HOME: "/home/u" };
  let asked = 0;
  const isAsked = async (options: { env?: Record<string, string>; cwd?: string } = {}) => {
    const servers = await catalog.mcpServers("codex", { env, cwd: "/repo/sub", ...options });
    assert.deepEqual(servers, ["docs"]);
    const isNew = probe.asked.length > asked;
    asked = probe.asked.length;
    return isNew;
  };
  assert.deepEqual([await isAsked(), await isAsked()], [true, false]);
  for (
    const path of [
      "/home/u/.codex/config.toml",
      "/home/u/.codex/auth.json",
      "/repo/sub/.codex/config.toml",
      "/repo/.codex/config.toml",
      "/.codex/config.toml",
      "/repo/.git",
      "/etc/codex/managed_config.toml",
      "/etc/codex/requirements.toml",
    ]
  ) {
    probe.texts.set(path, "made");
    assert.deepEqual([path, await isAsked(), await isAsked()], [path, true, false]);
    probe.texts.set(path, "changed");
    assert.deepEqual([path, await isAsked(), await isAsked()], [path, true, false]);
  }
  probe.texts.set("/repo/sub/readme", "of no interest");
  assert.equal(await isAsked({ env: { ...env, LANG: "C" } }), false);
  for (
    const change of [{ env: { ...env, CODEX_HOME: "/srv" } }, { cwd: "/repo" }, {
      env: { ...env, HOME: "/x" },
    }]
  ) {
    assert.deepEqual([await isAsked(change), await isAsked(change)], [true, false]);
  }
  assert.equal(await isAsked(), true);
  executable.mtimeMs = 2;
  assert.equal(await isAsked(), true);
  // Together they ask once.
  probe.texts.set("/repo/.git", "another");
  await Promise.all([1, 2, 3].map(() => catalog.mcpServers("codex", { env, cwd: "/repo/sub" })));
  assert.equal(probe.asked.length, asked + 1);
});

Deno.test("catalog: an answer that was overtaken, or that did not come, is asked for again", async () => {
  const probe = new ScriptedProbe();
  const catalog = catalogOf(probe);
  const executable: { mtimeMs: number; answer: Answer | null } = { mtimeMs: 1, answer: null };
  probe.executables.set("/usr/bin/codex", executable);
  const options = { env: { ...HOST, HOME: "/home/u" }, cwd: "/repo" };
  assert.deepEqual(await catalog.mcpServers("codex", options), []);
  executable.answer = { code: 0, stdout: '[{"name":"docs"}]', stderr: "" };
  const overtaken = catalog.mcpServers("codex", options);
  probe.texts.set("/home/u/.codex/config.toml", "written meanwhile");
  assert.deepEqual(await overtaken, ["docs"]);
  executable.answer = { code: 0, stdout: '[{"name":"more"}]', stderr: "" };
  // Back to what it was when it was asked for: what was read then is not known.
  probe.texts.delete("/home/u/.codex/config.toml");
  assert.deepEqual(await catalog.mcpServers("codex", options), ["more"]);
});

Deno.test("catalog: names, drivers and settings", async () => {
  const catalog = catalogOf(new ScriptedProbe(), { codex: { model: "m" } });
  assert.ok(catalog.names().includes("codex"));
  assert.equal(catalog.driver("codex")?.title, "Codex CLI");
  assert.equal(catalog.driver("toString"), null);
  assert.deepEqual(catalog.settings("codex"), { model: "m" });
  assert.deepEqual(catalog.settings("toString"), {});
  assert.deepEqual((await catalog.detectAll(HOST)).map(({ name }) => name), catalog.names());
  await assert.rejects(catalog.detect("nobody", HOST), TypeError);
});
