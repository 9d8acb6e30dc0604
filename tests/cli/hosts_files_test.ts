/**
 * Tests of `add-agent` and `remove-agent` without any host's own command line: what becomes of the files.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { parse as parseJsonc } from "jsonc-parser";
import { parse as parseToml } from "smol-toml";
import { HostDocument } from "../../src/cli/hosts/host_document.ts";
import { PASSED_ON } from "../../src/cli/hosts/codex_host.ts";
import { HOSTS as ALL_HOSTS } from "../../src/cli/hosts/host_list.ts";
import { serverWideFile } from "../../src/cli/hosts/server_wide.ts";
import { HostMachine, SELF } from "./host_machine.ts";

const [COMMAND = "", ...ARGS] = SELF;
const MCP = [...ARGS, "mcp"];

/** Each host's file for the user and for a project, with another server in it, and the entry that is expected. */
const HOSTS = [
  {
    host: "claude-code",
    user: "~/.claude.json",
    project: ".mcp.json",
    before: '{\n  "numStartups": 3,\n  "mcpServers": {\n    "other": { "command": "x" }\n  }\n}\n',
    entry: { type: "stdio", command: COMMAND, args: MCP, timeout: 600_000, alwaysLoad: true },
  },
  {
    host: "codex",
    user: "~/.codex/config.toml",
    project: ".codex/config.toml",
    before: '# mine\nmodel = "m" # best\n\n[mcp_servers.other] # x\ncommand = "x"\n\n[tui]\n',
    entry: { command: COMMAND, args: MCP, env_vars: PASSED_ON, tool_timeout_sec: 120 },
  },
  {
    host: "cursor",
    user: "~/.cursor/mcp.json",
    project: ".cursor/mcp.json",
    before: '{"mcpServers":{"other":{"command":"x"}}}',
    entry: { type: "stdio", command: COMMAND, args: MCP },
  },
  {
    host: "gemini",
    user: "~/.gemini/settings.json",
    project: ".gemini/settings.json",
    before:
      '{\n    // look\n    "ui": {"theme": "x"}, /* y */\n    "mcpServers": {\n        "other": {} // z\n    }\n}\n',
    entry: { command: COMMAND, args: MCP, timeout: 600_000 },
  },
  {
    host: "claude-desktop",
    user: Deno.build.os === "darwin"
      ? "~/Library/Application Support/Claude/claude_desktop_config.json"
      : "~/.config/Claude/claude_desktop_config.json",
    project: null,
    before: '{\r\n\t"mcpServers": {},\r\n\t"scale": 1\r\n}',
    entry: { command: COMMAND, args: MCP },
  },
  {
    host: "opencode",
    user: "~/.config/opencode/opencode.json",
    project: "opencode.json",
    before:
      '{\n  // look\n  "model": "a/b", /* x */\n  "mcp": {\n    "other": { "type": "local", "command": ["x"] }\n  }\n}\n',
    entry: { type: "local", command: COMMAND, args: MCP, enabled: true, timeout: 600_000 },
  },
  {
    host: "qwen",
    user: "~/.qwen/settings.json",
    project: ".qwen/settings.json",
    before:
      '{\n  "permissions": { "allow": ["Bash(ls)"] }, // mine\n  "mcpServers": {\n    "other": { "command": "x" }\n  }\n}\n',
    entry: { command: COMMAND, args: MCP, timeout: 600_000 },
  },
  {
    host: "copilot",
    user: "~/.copilot/mcp-config.json",
    project: ".github/mcp.json",
    before: '{"mcpServers":{"other":{"type":"local","command":"x","args":[],"tools":["*"]}}}',
    entry: { type: "local", command: COMMAND, args: MCP, tools: ["*"], timeout: 600_000 },
  },
  {
    host: "vscode",
    user: Deno.build.os === "darwin"
      ? "~/Library/Application Support/Code/User/mcp.json"
      : "~/.config/Code/User/mcp.json",
    project: ".vscode/mcp.json",
    before: '{\n\t"servers": {\n\t\t"other": { "type": "stdio", "command": "x" }\n\t},\n\t"inputs": []\n}\n',
    entry: { type: "stdio", command: COMMAND, args: MCP },
  },
] as const;

function server(text: string | null, file: string, name = "agent-async"): unknown {
  assert.ok(text !== null, `${file} is not there`);
  const data = file.endsWith(".toml") ? parseToml(text) : parseJsonc(text);
  const found = (data.mcp_servers ?? data.mcpServers ?? data.servers ?? data.mcp)?.[name];
  if (found === undefined) return undefined;
  const { command, environment, ...rest } = JSON.parse(JSON.stringify(found));
  if (!Array.isArray(command)) return { command, ...rest };
  // As opencode has it: all words in one list.
  const env = environment === undefined ? {} : { env: environment };
  return { command: command[0], args: command.slice(1), ...env, ...rest };
}

for (const { host, user, project, before, entry } of HOSTS) {
  Deno.test(`${host}: a registration is added once, with a backup, and removed without a trace`, async () => {
    using machine = new HostMachine();
    machine.write(user, before, 0o640);
    const added = await machine.json("add-agent", host);
    assert.deepEqual(added, {
      host,
      scope: "user",
      name: "agent-async",
      command: [COMMAND, ...MCP],
      changed: [machine.path(user)],
      backups: [`${machine.path(user)}.agent-async-backup`],
      via: "file",
      notes: added.notes,
    });
    assert.deepEqual(server(machine.read(user), user), entry);
    assert.equal(machine.read(`${user}.agent-async-backup`), before);
    for (const path of [user, `${user}.agent-async-backup`]) {
      assert.equal((Deno.statSync(machine.path(path)).mode ?? 0) & 0o777, 0o640);
    }
    const files = machine.files();
    const again = await machine.json("add-agent", host);
    assert.deepEqual([again.changed, again.via], [[], null]);
    assert.deepEqual(machine.files(), files);

    const { stdout } = await machine.run("remove-agent", host);
    assert.match(stdout, /^agent-async is no longer registered with /);
    assert.equal(machine.read(user), before);
    const afterwards = machine.files();
    const missing = await machine.run("remove-agent", host);
    assert.deepEqual([missing.code, missing.stdout.includes("nothing was changed")], [0, true]);
    assert.deepEqual(machine.files(), afterwards);
  });

  Deno.test(`${host}: files that were made for it are gone with it`, async () => {
    using machine = new HostMachine();
    await machine.json("add-agent", host);
    assert.deepEqual(server(machine.read(user), user), entry);
    assert.equal((Deno.statSync(machine.path(user)).mode ?? 0) & 0o777, 0o600);
    await machine.json("remove-agent", host);
    assert.deepEqual(machine.files(), {});
  });

  Deno.test(`${host}: what permissions and hook added is taken back as well`, async () => {
    using machine = new HostMachine();
    machine.write(user, before);
    machine.write(
      "~/.claude/settings.json",
      '{\n  "permissions": {\n    "allow": ["Read"] // mine\n  }\n}\n',
    );
    machine.write(
      "~/.cursor/cli-config.json",
      '{ "version": 1, "permissions": { "allow": [], "deny": [] } }\n',
    );
    const files = machine.files();
    await machine.json("add-agent", host, "--allow", "--wake");
    const allowed = machine.files();
    await machine.json("add-agent", host, "--allow", "--wake");
    assert.deepEqual(machine.files(), allowed);
    await machine.json("remove-agent", host);
    const left = Object.entries(machine.files()).filter(([path]) => !path.endsWith(".agent-async-backup"));
    assert.deepEqual(Object.fromEntries(left), files);
  });

  Deno.test(`${host}: a file that cannot be parsed is left alone, and its line and column are named`, async () => {
    using machine = new HostMachine();
    machine.write(user, user.endsWith(".toml") ? "a = 1\n[b\n" : '{\n  "a": 1\n  "b": 2\n}\n');
    const files = machine.files();
    for (const command of ["add-agent", "remove-agent"]) {
      const { code, stderr } = await machine.run(command, host);
      assert.equal(code, 1);
      assert.match(
        stderr,
        user.endsWith(".toml") ? /config\.toml:2:\d+: / : /json:3:3: a comma is expected here/,
      );
    }
    assert.deepEqual(machine.files(), files);
    const { hosts } = await machine.json("list-agents");
    assert.match(hosts.find((one: { host: string }) => one.host === host).errors[0], /:[23]:\d+: /);
  });

  Deno.test(`${host}: name, toolsets, state directory and project`, async () => {
    using machine = new HostMachine();
    machine.env["AGENT_ASYNC_HOME"] = "/srv/jobs";
    if (project === null) {
      assert.equal((await machine.run("add-agent", host, "--project")).code, 2);
      return;
    }
    await machine.json("add-agent", host, "--project", "--name", "jobs_2", "--toolsets", "jobs, stream");
    assert.deepEqual(Object.keys(machine.files()).map((path) => path.split("/")[0]), ["project"]);
    assert.deepEqual(server(machine.read(project), project, "jobs_2"), {
      ...entry,
      args: [...MCP, "--toolsets", "jobs,stream", "--server-name", "jobs_2"],
      env: { AGENT_ASYNC_HOME: "/srv/jobs" },
    });
    const { stderr } = await machine.run("remove-agent", host, "--name", "jobs_2");
    assert.match(stderr, new RegExp(`agent-async remove-agent ${host} --project --name jobs_2`));
    await machine.json("remove-agent", host, "--project", "--name", "jobs_2");
    assert.deepEqual(machine.files(), {});
  });
}

Deno.test("add-agent: again with other toolsets changes those and nothing that the user added", async () => {
  using machine = new HostMachine();
  for (const { host, user } of HOSTS) {
    await machine.json("add-agent", host);
    const text = machine.read(user) ?? "";
    machine.write(
      user,
      user.endsWith(".toml")
        ? `${text}enabled = true # mine\n\n[mcp_servers.agent-async.env]\nKEY = "1"\n`
        : host === "opencode"
        ? text.replace(/"command": \[/, '"environment": { "KEY": "1" }, // mine\n      "command": [')
        : text.replace(/"args": \[/, '"env": { "KEY": "1" }, // mine\n      "args": ['),
    );
    const before = machine.read(user);
    machine.env["AGENT_ASYNC_HOME"] = "/srv/jobs";
    await machine.json("add-agent", host, "--toolsets", "all");
    delete machine.env["AGENT_ASYNC_HOME"];
    const found = Object(server(machine.read(user), user));
    assert.deepEqual([found.args, found.env], [[...MCP, "--toolsets", "all"], {
      KEY: "1",
      AGENT_ASYNC_HOME: "/srv/jobs",
    }]);
    assert.ok(machine.read(user)?.includes("mine"));
    assert.equal(machine.read(`${user}.agent-async-backup`), before);
  }
});

/** What `--allow` allows with the usual toolset, as a host writes it. */
function allowed(written: (tool: string) => string): string[] {
  const tools =
    "codex_start job_start job_poll job_wait job_events job_reply job_diff job_cancel job_list queue_status";
  return [...tools.split(" "), "agent_notify_done"].map(written);
}

function approvedTools(): Record<string, unknown> {
  return Object.fromEntries(allowed((tool) => tool).map((tool) => [tool, { approval_mode: "approve" }]));
}

Deno.test("add-agent --allow takes the place of an earlier permission for every tool, which doctor tells", async () => {
  using machine = new HostMachine();
  const files = {
    "claude-code": [
      "~/.claude/settings.json",
      '{ "permissions": { "allow": ["Bash(ls)", "mcp__agent-async"] } }',
    ],
    cursor: ["~/.cursor/cli-config.json", '{ "permissions": { "allow": ["Mcp(agent-async:*)"] } }'],
  } as const;
  for (const host of ["claude-code", "codex", "cursor", "gemini"]) await machine.json("add-agent", host);
  for (const [path, text] of Object.values(files)) machine.write(path, text);
  const codex = "~/.codex/config.toml";
  machine.write(codex, `${machine.read(codex)}default_tools_approval_mode = "approve"\n`);
  const gemini = "~/.gemini/settings.json";
  machine.write(gemini, (machine.read(gemini) ?? "").replace('"timeout"', '"trust": true, "timeout"'));
  const site = { env: machine.env, cwd: machine.project, os: "linux" };
  const wide = () =>
    ALL_HOSTS.filter((host) => serverWideFile(host, site, { name: "agent-async", scope: "user" }) !== null)
      .map(({ id }) => id);
  assert.deepEqual(wide(), ["claude-code", "codex", "cursor", "gemini"]);
  for (const host of wide()) await machine.json("add-agent", host, "--allow");
  assert.deepEqual(wide(), []);
  assert.deepEqual(parseJsonc(machine.read(files["claude-code"][0]) ?? "").permissions.allow, [
    "Bash(ls)",
    ...allowed((tool) => `mcp__agent-async__${tool}`),
  ]);
  for (const host of ["claude-code", "cursor", "codex"]) await machine.json("remove-agent", host);
  assert.deepEqual(parseJsonc(machine.read(files["claude-code"][0]) ?? "").permissions.allow, ["Bash(ls)"]);
});

Deno.test("add-agent --allow and --wake: where each host keeps them", async () => {
  using machine = new HostMachine();
  for (const { host } of HOSTS) await machine.json("add-agent", host, "--allow", "--wake");
  const settings = parseJsonc(machine.read("~/.claude/settings.json") ?? "");
  assert.deepEqual(settings.permissions, { allow: allowed((tool) => `mcp__agent-async__${tool}`) });
  const [{ matcher, hooks: [hook] }] = settings.hooks.PostToolUse;
  for (
    const tool of [
      "codex_start",
      "gemini_pr_start",
      "codex_async_start",
      "job_reply",
      "job_answer",
      "codex_async_reply",
    ]
  ) {
    assert.match(`mcp__agent-async__${tool}`, new RegExp(`^(?:${matcher})$`));
  }
  assert.doesNotMatch("mcp__agent-async__job_wait", new RegExp(matcher));
  const [, inner] = /hook-wait --timeout (\d+)$/.exec(hook.command) ?? [];
  assert.deepEqual([hook.type, hook.asyncRewake], ["command", true]);
  assert.ok(hook.timeout > Number(inner), "the hook must outlive what it runs");
  const shell = new Deno.Command("/bin/sh", { args: ["-c", `printf '%s\\n' ${hook.command}`] });
  const words = new TextDecoder().decode((await shell.output()).stdout).trimEnd().split("\n");
  assert.deepEqual(words, [...SELF, "hook-wait", "--timeout", inner]);
  const codex = Object(server(machine.read("~/.codex/config.toml"), "config.toml"));
  assert.equal(codex.default_tools_approval_mode, undefined);
  assert.deepEqual(codex.tools, approvedTools());
  // All or nothing: what is never to be allowed is not listed to it.
  const { trust, excludeTools } = Object(server(machine.read("~/.gemini/settings.json"), "settings.json"));
  assert.deepEqual([trust, excludeTools], [true, ["job_answer", "job_apply"]]);
  const qwen = parseJsonc(machine.read("~/.qwen/settings.json") ?? "");
  assert.deepEqual(qwen.permissions, { allow: allowed((tool) => `mcp__agent-async__${tool}`) });
  assert.deepEqual(parseJsonc(machine.read("~/.cursor/cli-config.json") ?? ""), {
    version: 1,
    editor: { vimMode: false },
    permissions: { allow: allowed((tool) => `Mcp(agent-async:${tool})`), deny: [] },
  });
});

Deno.test("add-agent --project --allow: Claude Code approves the project's server in the person's own file", async () => {
  using machine = new HostMachine();
  await machine.json("add-agent", "claude", "--project", "--allow");
  assert.deepEqual(parseJsonc(machine.read(".claude/settings.local.json") ?? ""), {
    permissions: { allow: allowed((tool) => `mcp__agent-async__${tool}`) },
    enabledMcpjsonServers: ["agent-async"],
  });
  await machine.json("remove-agent", "claude", "--project");
  assert.deepEqual(machine.files(), {});
});

Deno.test("add-agent: one broken file of several, and nothing is written", async () => {
  using machine = new HostMachine();
  machine.write("~/.claude/settings.json", '{ "permissions": { "allow": "all" } }');
  const files = machine.files();
  const { code, stderr } = await machine.run("add-agent", "claude-code", "--allow");
  assert.equal(code, 1);
  assert.match(stderr, /settings\.json: permissions\.allow must be a list/);
  assert.deepEqual(machine.files(), files);
});

Deno.test("add-agent: forms that cannot be edited safely, and text that is not UTF-8, are left alone", async () => {
  using machine = new HostMachine();
  const inline = '[mcp_servers]\nagent-async = { command = "agent-async", args = [] }\n';
  for (const text of [inline, "mcp_servers = { other = { command = 'x' } }\n"]) {
    machine.write("~/.codex/config.toml", text);
    const { code, stderr } = await machine.run("add-agent", "codex");
    assert.deepEqual([code, machine.read("~/.codex/config.toml")], [1, text]);
    assert.match(stderr, /config\.toml: mcp_servers\.agent-async is written in a form .*\n.*by hand/);
  }
  machine.write("~/.gemini/settings.json", "");
  Deno.writeFileSync(machine.path("~/.gemini/settings.json"), new Uint8Array([0x7b, 0xff, 0x7d]));
  assert.match((await machine.run("add-agent", "gemini")).stderr, /settings\.json: it is not UTF-8/);
});

Deno.test("add-agent and remove-agent: a file that its owner has made read-only is left alone", async () => {
  using machine = new HostMachine();
  machine.write("~/.claude/settings.json", "{}\n", 0o444);
  const files = machine.files();
  const { code, stderr } = await machine.run("add-agent", "claude-code", "--allow");
  assert.equal(code, 1);
  assert.match(stderr, /settings\.json is read-only\nIt was left as it is/);
  assert.deepEqual(machine.files(), files, "neither is the other file written");
  // It need not be written for the server alone.
  await machine.json("add-agent", "claude-code");
});

Deno.test("add-agent and remove-agent: another server of the same name is nobody's to touch", async () => {
  using machine = new HostMachine();
  machine.write("~/.cursor/mcp.json", '{ "mcpServers": { "agent-async": { "url": "http://127.0.0.1/" } } }');
  const files = machine.files();
  for (const command of ["add-agent", "remove-agent"]) {
    const { code, stderr } = await machine.run(command, "cursor");
    assert.equal(code, 1);
    assert.match(stderr, /another server/);
  }
  assert.deepEqual(machine.files(), files);
});

Deno.test("add-agent: a link stays a link, and a byte order mark stays where it is", async () => {
  using machine = new HostMachine();
  machine.write("~/dotfiles/mcp.json", '\ufeff{ "mcpServers": {} }');
  Deno.mkdirSync(machine.path("~/.cursor"));
  Deno.symlinkSync("../dotfiles/mcp.json", machine.path("~/.cursor/mcp.json"));
  await machine.json("add-agent", "cursor");
  assert.ok(Deno.lstatSync(machine.path("~/.cursor/mcp.json")).isSymlink);
  assert.ok(machine.read("~/dotfiles/mcp.json")?.startsWith("\ufeff{"));
  assert.equal(
    Object(server((machine.read("~/dotfiles/mcp.json") ?? "").slice(1), "x.json")).command,
    COMMAND,
  );
  await machine.json("remove-agent", "cursor");
  assert.equal(machine.read("~/dotfiles/mcp.json"), '\ufeff{ "mcpServers": {} }');
});

Deno.test("add-agent: nothing but comments, and numbers that JavaScript cannot hold, are kept", async () => {
  using machine = new HostMachine();
  machine.write("~/.gemini/settings.json", "// none yet\n");
  await machine.json("add-agent", "gemini");
  assert.match(machine.read("~/.gemini/settings.json") ?? "", /^\/\/ none yet\n\{\n/);
  await machine.json("remove-agent", "gemini");
  assert.equal(machine.read("~/.gemini/settings.json"), "// none yet\n{}\n");
  machine.write("~/.codex/config.toml", "most = 9223372036854775807\n");
  await machine.json("add-agent", "codex");
  await machine.json("remove-agent", "codex");
  assert.equal(machine.read("~/.codex/config.toml"), "most = 9223372036854775807\n");
});

Deno.test("add-agent cursor --allow: the file that was made for the permission goes with it", async () => {
  using machine = new HostMachine();
  await machine.json("add-agent", "cursor", "--allow");
  await machine.json("remove-agent", "cursor");
  assert.deepEqual(machine.files(), {});
});

Deno.test("a host's file that its program changes at the same moment: nothing of that is lost", async () => {
  using machine = new HostMachine();
  const file = { path: machine.path("~/.codex/config.toml"), format: "toml" } as const;
  machine.write("~/.codex/config.toml", "a = 1\n");
  const document = new HostDocument(file);
  document.merge(["b"], { c: 2 });
  machine.write("~/.codex/config.toml", "a = 2\n");
  assert.throws(() => document.save(), { code: "conflict", message: /another program at the same moment/ });
  assert.deepEqual(machine.files(), { "home/.codex/config.toml": `33188 a = 2\n` });

  // What a session of the host wrote while the host's own command ran.
  const before = '# mine\nmodel = "m"\n';
  const writes = {
    "mcp add": '\n[projects."/p"]\ntrust_level = "trusted"\n\n[mcp_servers.agent-async]\ncommand = "x"\n',
    "mcp remove": '\n[projects."/p"]\ntrust_level = "trusted"\n',
  };
  const cases = Object.entries(writes).map(([words, text]) =>
    `"${words}") printf 'model = "m"\\n${text.replaceAll("\n", "\\n")}' >"$HOME/.codex/config.toml" ;;`
  );
  machine.write("~/codex", `#!/bin/sh\ncase "$1 $2" in\n${cases.join("\n")}\nesac\n`, 0o755);
  Deno.renameSync(machine.path("~/codex"), join(machine.bin, "codex"));
  machine.write("~/.codex/config.toml", before);
  assert.equal((await machine.json("add-agent", "codex")).via, "command");
  const added = machine.read("~/.codex/config.toml") ?? "";
  assert.match(added, /trust_level = "trusted"/);
  assert.equal(Object(server(added, "config.toml")).command, COMMAND);
  machine.write("~/.codex/config.toml", `${before}\n[mcp_servers.agent-async]\ncommand = "agent-async"\n`);
  assert.equal((await machine.json("remove-agent", "codex")).via, "command");
  assert.equal(machine.read("~/.codex/config.toml"), `model = "m"\n${writes["mcp remove"]}`);
});

Deno.test("add-agent: a file where a directory of the host should be is named, not taken for a fault of ours", async () => {
  using machine = new HostMachine();
  machine.write("~/.codex", "a file");
  for (const command of ["add-agent", "remove-agent"]) {
    const { code, stderr } = await machine.run(command, "codex");
    assert.deepEqual([code, /Cannot (?:make|read) \S+\.codex/.test(stderr)], [1, true], stderr);
    assert.doesNotMatch(stderr, /report it/);
  }
});

Deno.test("add-agent: several at once wait for each other, one that was killed for none", async () => {
  using machine = new HostMachine();
  const lock = "~/.cursor/.mcp.json.agent-async-lock";
  machine.write(lock, "");
  Deno.utimeSync(machine.path(lock), new Date(0), new Date(0));
  const names = ["one", "two", "three", "four"];
  await Promise.all(names.map((name) => machine.json("add-agent", "cursor", "--allow", "--name", name)));
  const { mcpServers } = parseJsonc(machine.read("~/.cursor/mcp.json") ?? "");
  assert.deepEqual(Object.keys(mcpServers).sort(), [...names].sort());
  await Promise.all(names.map((name) => machine.json("remove-agent", "cursor", "--name", name)));
  assert.deepEqual(parseJsonc(machine.read("~/.cursor/mcp.json") ?? ""), { mcpServers: {} });
  assert.equal(machine.read(lock), null);
});

Deno.test("hosts: their own variables move their files", async () => {
  using machine = new HostMachine();
  Object.assign(machine.env, {
    CLAUDE_CONFIG_DIR: machine.path("~/c"),
    CODEX_HOME: machine.path("~/x"),
    GEMINI_CLI_HOME: machine.path("~/g"),
    CURSOR_CONFIG_DIR: machine.path("~/u"),
  });
  for (const host of ["claude-code", "codex", "gemini", "cursor"]) {
    await machine.json("add-agent", host, "--allow");
  }
  assert.deepEqual(Object.keys(machine.files()).sort(), [
    "home/.cursor/mcp.json",
    "home/c/.claude.json",
    "home/c/settings.json",
    "home/g/.gemini/settings.json",
    "home/u/cli-config.json",
    "home/x/config.toml",
  ]);
});

Deno.test("add-agent: an unknown host gets the nearest right one; names and options are checked", async () => {
  using machine = new HostMachine();
  const cases = [
    [["add-agent", "cladue"], /there is no host "cladue"\nDid you mean claude-code\?/],
    [["add-agent", "gemni"], /Did you mean gemini\?/],
    [
      ["remove-agent", "vim"],
      /The hosts are claude-code, codex, cursor, gemini, claude-desktop, opencode, qwen, copilot, vscode\./,
    ],
    [["add-agent", "codex", "--name", "a b"], /--name: must be letters/],
    [["add-agent", "codex", "--toolsets", "jbos"], /--toolsets: must be a list of jobs/],
    [["add-agent"], /HOST/],
  ] as const;
  for (const [args, said] of cases) {
    const { code, stderr } = await machine.run(...args);
    assert.equal(code, 2, args.join(" "));
    assert.match(stderr, said);
  }
  assert.deepEqual(machine.files(), {});
});

Deno.test("list-agents: in the home directory a file that is the user's and the project's counts once", async () => {
  using machine = new HostMachine();
  machine.env["HOME"] = machine.project;
  await machine.json("add-agent", "codex");
  const { hosts } = await machine.json("list-agents");
  const { registrations } = hosts.find(({ host }: { host: string }) => host === "codex");
  assert.deepEqual(registrations.map(({ scope }: { scope: string }) => scope), ["user"]);
});

Deno.test("list-agents: the coding agents that are found, with version and how they are driven", async () => {
  using machine = new HostMachine();
  Deno.writeTextFileSync(join(machine.bin, "gemini"), "#!/bin/sh\necho 0.61.0\n", { mode: 0o755 });
  Deno.writeTextFileSync(join(machine.bin, "mine"), "#!/bin/sh\necho hello\n", { mode: 0o755 });
  machine.write("~/.agent-async/config.json", '{ "agents": { "mine": { "command": "mine" } } }');
  const { agents, hosts } = await machine.json("list-agents");
  assert.ok(hosts.length >= 9);
  const byName = Object.fromEntries(agents.map((agent: { name: string }) => [agent.name, agent]));
  const { available, version, driven, executable } = byName["gemini"];
  assert.deepEqual([available, version, driven, executable], [
    true,
    "0.61.0",
    "events",
    join(machine.bin, "gemini"),
  ]);
  assert.deepEqual([byName["mine"].available, byName["mine"].driven], [true, "text"]);
  assert.deepEqual([byName["codex"].available, byName["codex"].logged_in], [false, null]);
  const { stdout } = await machine.run("list-agents");
  assert.match(stdout, /^HOST [^]*\n\nAGENT /);
  assert.match(stdout, /^gemini +Gemini CLI +yes +0\.61\.0 +\S+ +by its events$/m);
});

Deno.test("list-agents: what is here, what is registered, and what is stale", async () => {
  using machine = new HostMachine();
  machine.write(
    "~/.codex/config.toml",
    '[mcp_servers.old]\ncommand = "/nowhere/agent-async"\nargs = ["mcp"]\n',
  );
  await machine.json("add-agent", "gemini");
  const { hosts } = await machine.json("list-agents");
  const byId = Object.fromEntries(hosts.map((host: { host: string }) => [host.host, host]));
  assert.deepEqual(byId["codex"], {
    host: "codex",
    title: "Codex CLI",
    detected: true,
    executable: null,
    registered: true,
    registrations: [{
      name: "old",
      scope: "user",
      file: machine.path("~/.codex/config.toml"),
      command: ["/nowhere/agent-async", "mcp"],
      current: false,
      missing: "/nowhere/agent-async",
    }],
    errors: [],
  });
  assert.deepEqual([byId["gemini"].registrations[0].current, byId["gemini"].registrations[0].missing], [
    true,
    null,
  ]);
  assert.deepEqual([byId["cursor"].detected, byId["cursor"].registered], [false, false]);
  const { stdout } = await machine.run("list-agents");
  assert.match(stdout, /^codex .* yes +old \(broken: \/nowhere\/agent-async is gone\)$/m);
  assert.match(stdout, /^gemini .* yes +agent-async$/m);
});

Deno.test("add-agent codex: variables that its owner named stay named, whatever is added later", async () => {
  using machine = new HostMachine();
  const file = "~/.codex/config.toml";
  await machine.json("add-agent", "codex");
  machine.write(file, (machine.read(file) ?? "").replace("env_vars = [", 'env_vars = ["MY_KEY", '));
  assert.deepEqual((await machine.json("add-agent", "codex")).changed, []);
  await machine.json("add-agent", "codex", "--allow");
  assert.deepEqual(server(machine.read(file), file), {
    command: COMMAND,
    args: MCP,
    env_vars: ["MY_KEY", ...PASSED_ON],
    tool_timeout_sec: 120,
    tools: approvedTools(),
  });
  // One that an earlier version has registered gets what it lacks.
  machine.write(file, (machine.read(file) ?? "").replace(/^env_vars = .*\n/m, ""));
  await machine.json("add-agent", "codex");
  assert.ok((machine.read(file) ?? "").includes('"CODEX_API_KEY"'));
});

for (const { host, user } of HOSTS) {
  Deno.test(`${host}: registered three times, each time with more, and removed: nothing is left where nothing was`, async () => {
    using machine = new HostMachine();
    const allow = ["claude-desktop", "opencode", "copilot", "vscode"].includes(host) ? [] : ["--allow"];
    const wake = host === "claude-code" ? ["--wake"] : [];
    await machine.json("add-agent", host);
    await machine.json("add-agent", host, ...allow, ...wake);
    await machine.json("add-agent", host, "--toolsets", "all", ...allow, ...wake);
    assert.ok(machine.read(user) !== null);
    await machine.json("remove-agent", host);
    assert.deepEqual(machine.files(), new HostMachine().files());
  });
}

Deno.test("claude-code: registered twice and removed, the settings of others are as they were", async () => {
  using machine = new HostMachine();
  const [servers, settings] = ["~/.claude.json", "~/.claude/settings.json"] as const;
  const before = ['{ "theme": "dark" }', '{ "permissions": { "deny": ["Bash"] } }\n'] as const;
  machine.write(servers, before[0]);
  machine.write(settings, before[1]);
  await machine.json("add-agent", "claude-code", "--allow");
  await machine.json("add-agent", "claude-code", "--allow", "--toolsets", "all");
  await machine.json("remove-agent", "claude-code");
  assert.deepEqual(
    [machine.read(servers), machine.read(settings)].map((text) => JSON.parse(text ?? "null")),
    before.map((text) => JSON.parse(text)),
  );
});
