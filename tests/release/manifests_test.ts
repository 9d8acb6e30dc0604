/**
 * Tests of what is released: the files that name the version, the platforms and the workflows agree with the program.
 *
 * @module
 */
import assert from "node:assert/strict";
import { manifestFor } from "../../.github/release/bundle.ts";
import { isVersion, MANIFESTS, versionIn, withVersion } from "../../.github/release/manifests.ts";
import { withChecksums } from "../../.github/release/server_manifest.ts";
import { ASSETS } from "../../src/cli/update/asset_name.ts";
import { RELEASE_URL } from "../../src/cli/update/release_server.ts";
import { fromFileUrl } from "../support/from_file_url.ts";

const TOP = new URL("../../", import.meta.url);

function read(path: string): string {
  return Deno.readTextFileSync(new URL(path, TOP));
}

/** As `deno compile` calls them: `x86_64-unknown-linux-gnu`. */
const TARGETS = Object.values(ASSETS).map((asset) => asset.replace(/^agent-async-|\.exe$/g, "")).sort();

const REPOSITORY = RELEASE_URL.replace(/\/releases\/.*$/, "");

Deno.test("release: every manifest names the version of deno.json", () => {
  const version = JSON.parse(read("deno.json")).version;
  assert.ok(isVersion(version));
  for (const path of MANIFESTS) {
    assert.equal(versionIn(read(path)), version, `${path}; deno task version ${version} mends it`);
    assert.equal(JSON.parse(read(path)).version, version, path);
  }
});

Deno.test("release: another version changes nothing else, and there and back is the same", () => {
  for (const path of MANIFESTS) {
    const text = read(path);
    const before = versionIn(text) ?? assert.fail(path);
    const changed = withVersion(path, text, "98.7.6-rc.5");
    assert.equal(JSON.parse(changed).version, "98.7.6-rc.5");
    assert.equal(changed.replaceAll("98.7.6-rc.5", before), text);
  }
  const server = withVersion("server.json", read("server.json"), "98.7.6");
  for (const { identifier } of JSON.parse(server).packages) {
    assert.match(identifier, /\/releases\/download\/v98\.7\.6\//);
  }
});

Deno.test("release: program, workflow and registry know the same platforms", () => {
  const workflow = read(".github/workflows/release.yml");
  assert.deepEqual(
    [...workflow.matchAll(/target: ([a-z0-9_-]+),/g)].map((match) => match[1]).sort(),
    TARGETS,
  );
  const server = JSON.parse(read("server.json"));
  assert.deepEqual(
    server.packages.map(({ identifier }: { identifier: string }) => identifier).sort(),
    TARGETS.map((target) => `${REPOSITORY}/releases/download/v${server.version}/agent-async-${target}.mcpb`),
  );
});

Deno.test("release: actions are pinned by commit, and the same action everywhere by the same", () => {
  const pins = new Map<string, string>();
  for (const path of ["ci.yml", "release.yml"]) {
    const uses = [...read(`.github/workflows/${path}`).matchAll(/uses: (\S+?)@(.*)$/gm)];
    assert.ok(uses.length > 0);
    for (const [, action = "", pin = ""] of uses) {
      assert.match(pin, /^[0-9a-f]{40} # v\d+\.\d+\.\d+$/, action);
      assert.equal(pins.get(action) ?? pin, pin, action);
      pins.set(action, pin);
    }
  }
});

Deno.test("release: the project's address is the same in every file that names one", () => {
  for (const path of [...MANIFESTS.slice(1), "install.sh", ".claude-plugin/marketplace.json"]) {
    for (const [address] of read(path).matchAll(/https:\/\/github\.com\/[\w-]+(?:\/[\w-]+)?/g)) {
      assert.ok(REPOSITORY.startsWith(address), `${path}: ${address}`);
    }
  }
});

Deno.test("release: a bundle is for one platform, and on Windows its program ends in .exe", () => {
  const text = read(".github/release/mcpb/manifest.json");
  const platforms = TARGETS.map((target) => {
    const { server, compatibility } = JSON.parse(manifestFor(target, text));
    return [target, compatibility.platforms, server.entry_point];
  });
  assert.deepEqual(platforms, [
    ["aarch64-apple-darwin", ["darwin"], "server/agent-async"],
    ["aarch64-unknown-linux-gnu", ["linux"], "server/agent-async"],
    ["x86_64-apple-darwin", ["darwin"], "server/agent-async"],
    ["x86_64-pc-windows-msvc", ["win32"], "server/agent-async.exe"],
    ["x86_64-unknown-linux-gnu", ["linux"], "server/agent-async"],
  ]);
  assert.throws(() => manifestFor("riscv64-plan9", text), /no target/);
});

Deno.test("release: server.json keeps what the registry asks beyond its schema", () => {
  const server = JSON.parse(read("server.json"));
  assert.match(server.name, /^io\.github\.[\w-]+\/[\w.-]+$/);
  assert.ok(server.description.length <= 100);
  for (const bundle of server.packages) {
    // It refuses a bundle that names a version or a base beside its address.
    assert.deepEqual(Object.keys(bundle), ["registryType", "identifier", "transport"]);
    assert.equal(bundle.registryType, "mcpb");
    assert.match(bundle.identifier, /^https:\/\/github\.com\/.*mcp/);
    assert.deepEqual(bundle.transport, { type: "stdio" });
  }
});

Deno.test("release: the registry gets the checksum of every bundle, or nothing", () => {
  const sums = TARGETS.map((target, n) => `${String(n).repeat(64)}  agent-async-${target}.mcpb\n`);
  const server = JSON.parse(withChecksums(read("server.json"), sums.join("")));
  for (const { identifier, fileSha256 } of server.packages) {
    const n = TARGETS.findIndex((target) => identifier.endsWith(`-${target}.mcpb`));
    assert.equal(fileSha256, String(n).repeat(64));
  }
  assert.throws(() => withChecksums(read("server.json"), sums.slice(1).join("")), /has no agent-async-/);
});

Deno.test("plugin: its server and its hook are the ones that add-agent would make", () => {
  const plugin = JSON.parse(read(".claude-plugin/plugin.json"));
  const { command, args } = plugin.mcpServers["agent-async"];
  // What Claude Code calls a plugin's server, so that advice names its tools as they are called there.
  assert.deepEqual([command, args], ["agent-async", [
    "mcp",
    "--server-name",
    "plugin_agent-async_agent-async",
  ]]);
  const [{ matcher, hooks: [hook] }] = plugin.hooks.PostToolUse;
  assert.equal(hook.asyncRewake, true);
  const inner = Number(/^agent-async hook-wait --timeout (\d+)$/.exec(hook.command)?.[1]);
  assert.ok(hook.timeout > inner, "Claude Code would end the hook before it can wake anybody");
  // A plugin's tools carry the names of plugin and server.
  const tools = new RegExp(`^${matcher}$`);
  assert.match("mcp__plugin_agent-async_agent-async__codex_start", tools);
  assert.match("mcp__plugin_agent-async_agent-async__job_reply", tools);
  assert.doesNotMatch("mcp__plugin_agent-async_agent-async__job_poll", tools);
});

/** What the release prints for this tag, and its exit code. */
async function changelog(tag: string): Promise<{ code: number; text: string }> {
  const { code, stdout } = await new Deno.Command("sh", {
    args: [fromFileUrl(new URL(".github/release/changelog.sh", TOP)), tag],
    stderr: "null",
  }).output();
  return { code, text: new TextDecoder().decode(stdout) };
}

Deno.test({
  name: "release: its notes are the version's section of CHANGELOG.md, and a version without one is refused",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const sections = read("CHANGELOG.md").split(/^## \[/m).slice(1);
    for (const section of sections) {
      const [head = "", body = ""] = [
        section.slice(0, section.indexOf("\n")),
        section.slice(section.indexOf("\n")),
      ];
      const version = head.slice(0, head.indexOf("]"));
      if (version === "Unreleased") continue;
      for (const tag of [`v${version}`, `v${version}-rc.1`]) {
        assert.deepEqual(await changelog(tag), { code: 0, text: `${body.trim()}\n` }, tag);
      }
    }
    assert.deepEqual(await changelog("v98.7.6"), { code: 1, text: "" });
  },
});
