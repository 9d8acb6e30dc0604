/**
 * Tests of room `config`: the file, its places in errors, and how a long-lived process follows it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { parseConfigFile } from "../../src/config/config_file.ts";
import { ConfigSource } from "../../src/config/config_source.ts";
import { loadConfig } from "../../src/config/load_config.ts";
import { resolveConfig } from "../../src/config/resolve_config.ts";
import { DEFAULT_CONFIG } from "../../src/config/schema.ts";
import { stateHome, statePaths } from "../../src/config/state_paths.ts";
import { isAgentAsyncError } from "../../src/domain/errors.ts";
import { NO_PIPES, testUnless } from "../support/skippable.ts";

function withDirectory(name: string, test: (directory: string) => Promise<void> | void): void {
  Deno.test(name, async () => {
    const directory = await Deno.makeTempDir();
    try {
      await test(directory);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
}

withDirectory(
  "config file: comments, trailing commas, a byte order mark and nothing at all are fine",
  async (home) => {
    const path = statePaths(home).configFile;
    for (
      const [text, total] of [
        ['\uFEFF{ "limits": { "total": 2, }, } // two at once', 2],
        ["", 4],
        ["// nothing yet\n", 4],
        ["{}", 4],
      ] as const
    ) {
      await Deno.writeTextFile(path, text);
      const { config } = await loadConfig({ path, env: {} });
      assert.equal(config.limits.total, total, text);
    }
    await Deno.remove(path);
    assert.equal((await loadConfig({ path, env: {} })).config.limits.total, 4);
  },
);

withDirectory("config file: a fault of syntax is named with file, line and column", async (home) => {
  const path = statePaths(home).configFile;
  for (
    const [text, place] of [
      ['{\n  "limits": { "total": 2\n}', /config\.json:3:2: a closing } is missing/],
      ["{\n  limits: {}\n}", /config\.json:2:3: a name or word that JSON does not know/],
      ['{ "a": 1 } x', /config\.json:1:12: /],
      ["null", /config\.json: must be an object .*not null/],
      ["[".repeat(100_000), /config\.json: it is nested too deeply/],
      ...[500, 100_000].map((levels) =>
        [
          `{ "agents": ${"[".repeat(levels)}${"]".repeat(levels)} }`,
          /config\.json: it is nested too deeply/,
        ] as const
      ),
    ] as const
  ) {
    await Deno.writeTextFile(path, text);
    await assert.rejects(loadConfig({ path, env: {} }), (error) => {
      assert.ok(isAgentAsyncError(error, "config_invalid"));
      assert.match(error.message, place);
      return true;
    });
  }
});

withDirectory("ConfigSource: follows the file, and keeps the last usable one while saying so", (home) => {
  const path = statePaths(home).configFile;
  const source = new ConfigSource({ path, env: {} });
  assert.equal(source.current().limits.total, 4);
  assert.equal(source.current(), source.current());

  Deno.writeTextFileSync(path, '{ "limits": { "total": 2 } }');
  assert.equal(source.current().limits.total, 2);

  Deno.writeTextFileSync(`${path}.new`, '{ "limits": { "total": "two" } }');
  Deno.renameSync(`${path}.new`, path);
  assert.equal(source.current().limits.total, 2);
  assert.match(source.problem()?.message ?? "", /limits\.total: must be a whole number/);

  Deno.removeSync(path);
  assert.equal(source.problem(), null);
  assert.equal(source.current().limits.total, 4);
});

withDirectory(
  "ConfigSource: sees a file that was put in place of another of the same size and time",
  (home) => {
    const path = statePaths(home).configFile;
    const write = (file: string, total: number) => {
      Deno.writeTextFileSync(file, `{ "limits": { "total": ${total} } }`);
      Deno.utimeSync(file, 1_767_225_600, 1_767_225_600);
    };
    write(path, 2);
    const source = new ConfigSource({ path, env: {} });
    write(`${path}.new`, 3);
    Deno.renameSync(`${path}.new`, path);
    assert.equal(source.current().limits.total, 3);
  },
);

withDirectory(
  "ConfigSource: begins with the last configuration that could be used, else with the defaults",
  (home) => {
    const { configFile: path, lastConfigFile: lastGoodPath } = statePaths(home);
    Deno.writeTextFileSync(path, '{ "limits": { "total": 2 } }');
    assert.equal(new ConfigSource({ path, env: {}, lastGoodPath }).current().limits.total, 2);
    for (const text of ["{ nonsense", '{ "later_key": 1 }']) {
      Deno.writeTextFileSync(path, text);
      const source = new ConfigSource({ path, env: {}, lastGoodPath });
      assert.deepEqual([source.current().limits.total, source.isUsers], [2, true]);
      assert.equal(source.problem()?.code, "config_invalid");
      const without = new ConfigSource({ path, env: {} });
      assert.deepEqual([without.current(), without.isUsers], [DEFAULT_CONFIG, false]);
      assert.equal(without.problem()?.code, "config_invalid");
    }
    Deno.removeSync(path);
    assert.equal(new ConfigSource({ path, env: {}, lastGoodPath }).problem(), null);
    Deno.writeTextFileSync(path, "{ nonsense");
    assert.equal(
      new ConfigSource({ path, env: {}, lastGoodPath }).isUsers,
      false,
      "one that was removed is no last one",
    );
  },
);

testUnless(
  NO_PIPES,
  "config file: what is no file is refused, and a pipe is not waited for",
  async () => {
    const home = await Deno.makeTempDir();
    const path = statePaths(home).configFile;
    assert.ok((await new Deno.Command("mkfifo", { args: [path] }).output()).success);
    // Without it a reader would wait for ever, and the test with it.
    const writer = new Deno.Command("/bin/sh", { args: ["-c", 'echo "{}" > "$0"', path] }).spawn();
    try {
      await assert.rejects(loadConfig({ path, env: {} }), {
        code: "config_invalid",
        message: `${path}: cannot be read: it is no file`,
      });
    } finally {
      writer.kill("SIGKILL");
      await writer.status;
      await Deno.remove(home, { recursive: true });
    }
  },
);

Deno.test("stateHome: the variable, else below the home directory; two spellings give one path", () => {
  assert.equal(stateHome({ HOME: "/home/user" }, "linux"), "/home/user/.agent-async");
  assert.equal(stateHome({ HOME: "/home/user", AGENT_ASYNC_HOME: "" }, "linux"), "/home/user/.agent-async");
  assert.equal(stateHome({ AGENT_ASYNC_HOME: "/srv/x/../agents/" }, "linux"), "/srv/agents");
  assert.equal(stateHome({ USERPROFILE: "C:\\Users\\user" }, "windows"), "C:\\Users\\user\\.agent-async");
});

Deno.test("stateHome: a relative directory and a missing home are refused", () => {
  for (const chosen of ["agents", "./agents", "~/agents"]) {
    assert.throws(
      () => stateHome({ HOME: "/home/user", AGENT_ASYNC_HOME: chosen }, "linux"),
      { code: "config_invalid", message: `AGENT_ASYNC_HOME: must be an absolute path, not "${chosen}"` },
    );
  }
  assert.throws(() => stateHome({}, "linux"), { code: "config_invalid" });
});

Deno.test("docs/configuration.md: its example of a configuration holds the defaults, and no key that is unknown", () => {
  const page = Deno.readTextFileSync(new URL("../../docs/configuration.md", import.meta.url));
  const example = /```jsonc\n([^]*?)```/.exec(page)?.[1] ?? "";
  const value = parseConfigFile(example, "docs/configuration.md");
  const { config } = resolveConfig({ file: { path: "docs/configuration.md", value }, env: {} });
  assert.deepEqual({ ...config, agents: {} }, DEFAULT_CONFIG);
});

Deno.test("docs/configuration.md: its agents of one's own can be used as they stand there", () => {
  const page = Deno.readTextFileSync(new URL("../../docs/configuration.md", import.meta.url));
  const [, example = ""] = Array.from(page.matchAll(/```jsonc\n([^]*?)```/g), ([, text]) => text ?? "");
  const value = parseConfigFile(example, "docs/configuration.md");
  const { config } = resolveConfig({ file: { path: "docs/configuration.md", value }, env: {} });
  assert.deepEqual(Object.keys(config.agents), ["opencode", "qwen", "aider", "mine"]);
});
