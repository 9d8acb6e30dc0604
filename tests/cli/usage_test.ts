/**
 * Tests of room `cli`: what is refused, what is meant, and with which exit code.
 *
 * @module
 */
import assert from "node:assert/strict";
import { AgentAsyncError, type ErrorCode, invalidArgument } from "../../src/domain/errors.ts";
import { ScriptedService } from "../support/scripted_service.ts";
import { COMMANDS } from "../../src/cli/command_list.ts";
import { parseArguments } from "../../src/cli/entry/program.ts";
import { failureOf } from "../../src/cli/entry/exit_code.ts";
import { commandLine } from "./command_line.ts";

const REFUSED: readonly [string[], RegExp][] = [
  [["ls"], /unknown command 'ls'\n\(Did you mean list\?\)/],
  [["kill", "last"], /unknown command 'kill'\n\(Did you mean cancel\?\)/],
  [["lst"], /unknown command 'lst'\n\(Did you mean list\?\)/],
  [["run", "--folow", "x"], /unknown option '--folow'\n\(Did you mean --follow\?\)/],
  [["daemon", "strt"], /unknown command 'strt'\n\(Did you mean start\?\)/],
  [["daemon"], /a command is missing[^]*Usage: agent-async daemon/],
  [["restart", "last"], /unknown command 'restart'\n\(Did you mean retry\?\)/],
  [
    ["add-agent"],
    /missing required argument 'HOST'\nHOST is one of claude-code, codex, .*\. agent-async add-agent --help/,
  ],
  [["wait"], /missing required argument 'ID'\nagent-async wait --help says more\.\n$/],
  [["show", "a", "b"], /too many arguments[^]*\nagent-async show --help says more\.\n$/],
  [
    ["help", "lst"],
    /: unknown command 'lst'\n\(Did you mean list\?\)\nagent-async --help lists every command\.\n$/,
  ],
  [
    ["config", "gte"],
    /: unknown command 'gte'\n\(Did you mean get\?\)\nagent-async config --help says more\.\n$/,
  ],
  [["lst", "--help"], /: unknown command 'lst'\n\(Did you mean list\?\)\n/],
  [["help", "config", "gte"], /: unknown command 'gte'\n\(Did you mean get\?\)\n/],
  [["config", "get"], /missing required argument 'KEY'\nagent-async config get --help says more\.\n$/],
  [
    ["start", "-p", "yolo", "x"],
    /^agent-async: --policy: must be one of suggest, auto-edit, ask, full-auto\n/,
  ],
  [["start", "--priority", "11", "x"], /--priority: must be a whole number from -10 to 10/],
  [
    ["start", "--timeout", "soon", "x"],
    /--timeout: must be a time such as 90s, 5m or 2h, more than 0 and at most 24h\n/,
  ],
  [["start", "--timeout", "2d", "x"], /--timeout: must be a time/],
  [["start", "--timeout", "0", "x"], /--timeout: must be a time/],
  [
    ["run", "-p", "suggest", "- first point"],
    /unknown option '- first point'\nA PROMPT that begins with - goes to the end, after --: agent-async run \.\.\. -- "/,
  ],
  [["reply", "last", "-x"], /unknown option '-x'\nA PROMPT that begins with - goes to the end/],
  [["config", "set", "agents.codex.args", "--x,--y"], /\nA VALUE that begins with - goes to the end/],
  [["run", "two", "words"], /too many arguments[^]*\nA PROMPT of several words goes in quotes\.\n$/],
  [["config", "get", ""], /KEY: must not be empty\nagent-async config get --help says more\.\n$/],
  [
    ["prune", "--older-than", "x"],
    /--older-than: must be a time such as 90s, 5m, 2h or 7d, at most 36500d\n/,
  ],
  [["run", "--timeout"], /option '--timeout <time>' argument missing\nagent-async run --help says more\.\n$/],
  [["start", " "], /PROMPT: must not be empty/],
  [["start", "-"], /PROMPT: standard input was empty/],
  [["list", "--limit", "0"], /--limit: must be a whole number from 1 to 1000\n/],
  [["list", "--status", "finished"], /--status: must be one of pending, running, done, error, cancelled/],
  [["events", "-t", "mesage", "last"], /--types: must be a list of session, message/],
  [["events", "-t", "", "last"], /--types: must be a list of session, message/],
  [["events", "--cursor", "-1", "last"], /--cursor: must be a whole number, 0 or more\n/],
  [["mcp", "--toolsets", "job"], /--toolsets: must be a list of jobs, codex, agents, starts, stream, all/],
];

for (const [args, message] of REFUSED) {
  Deno.test(`usage: agent-async ${args.join(" ")}: is refused with exit code 2`, async () => {
    const service = new ScriptedService();
    const outcome = await commandLine(args, { service });
    assert.match(outcome.stderr, message);
    assert.deepEqual({ code: outcome.code, stdout: outcome.stdout, calls: service.calls }, {
      code: 2,
      stdout: "",
      calls: [],
    });
  });
}

Deno.test("usage: no arguments on a terminal: how to begin, on one small screen", async () => {
  const { code, stdout, stderr } = await commandLine([], { isTerminal: true });
  assert.deepEqual([code, stderr], [0, ""]);
  const lines = stdout.split("\n");
  assert.ok(lines.length <= 20 && lines.every((line) => line.length <= 80), stdout);
  for (const [, line = ""] of stdout.matchAll(/^ {2}agent-async (.*?) {2,}/gm)) {
    const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? "");
    assert.equal(parseArguments(words, COMMANDS, { columns: 80, version: "1.2.3" }).kind, "run", line);
  }
});

Deno.test("usage: --help names every command, each on one line of 80 columns, under a heading", async () => {
  const { stdout } = await commandLine(["--help"], { isTerminal: true });
  const visible = COMMANDS.filter((command) => command.isHidden !== true);
  for (const { name, summary } of visible) {
    assert.match(stdout, new RegExp(`^ {2}${name}(?: [A-Z. [\\]]+)? {2,}${summary}$`, "m"));
  }
  const headings = [...stdout.matchAll(/^([A-Z].*):$/gm)].map(([, heading]) => heading);
  assert.deepEqual(headings, ["Options", ...new Set(visible.map(({ group }) => group))]);
});

Deno.test("usage: --help of a group has all its commands under one heading", async () => {
  const { stdout } = await commandLine(["daemon", "--help"], { isTerminal: true });
  assert.match(stdout, /\nCommands:\n(?: {2}.+\n)+ {2}help \[command\] .*\n$/);
});

Deno.test("usage: --help and help print to stdout with exit code 0", async () => {
  for (const args of [["--help"], ["-h"], ["help"]]) {
    const outcome = await commandLine(args);
    assert.equal(outcome.code, 0, args.join());
    assert.match(outcome.stdout, /^Usage: agent-async \[command\]/);
    assert.equal(outcome.stderr, "");
  }
  assert.match((await commandLine(["help", "wait"])).stdout, /^Usage: agent-async wait/);
  assert.match((await commandLine(["help", "config", "set"])).stdout, /^Usage: agent-async config set/);
  assert.match((await commandLine(["start", "lst", "--help"])).stdout, /^Usage: agent-async start/);
});

Deno.test("usage: the version, in three ways", async () => {
  assert.equal((await commandLine(["--version"])).stdout, "1.2.3\n");
  assert.equal((await commandLine(["version"])).stdout, "agent-async 1.2.3\n");
  assert.equal(JSON.parse((await commandLine(["version", "--json"])).stdout).version, "1.2.3");
});

const CODES: readonly [ErrorCode, number][] = [
  ["invalid_argument", 2],
  ["unknown_agent", 2],
  ["not_found", 4],
  ["conflict", 1],
  ["config_invalid", 1],
  ["daemon_unreachable", 1],
  ["internal", 1],
];

for (const [error, code] of CODES) {
  Deno.test(`exit code: a service that says ${error} gives ${code}`, async () => {
    const service = new ScriptedService({
      list: () => Promise.reject(new AgentAsyncError(error, "It went wrong", { hint: "Try job_list." })),
    });
    assert.deepEqual(await commandLine(["list"], { service }), {
      code,
      stdout: "",
      stderr: "agent-async: It went wrong\nTry agent-async list.\n",
    });
    const { stderr } = await commandLine(["list", "--json"], { service });
    assert.deepEqual(JSON.parse(stderr), {
      error: { code: error, message: "It went wrong", hint: "Try agent-async list." },
    });
  });
}

Deno.test("failure: what the service refuses is told in the words of the command line", async () => {
  const refusal = (message: string, hint?: string) =>
    new ScriptedService({ start: () => Promise.reject(invalidArgument(message, "is wrong", hint)) });
  for (
    const [argument, told] of [["cwd", "--cwd"], ["context_files[3]", "--context-file"], [
      "after.0",
      "--after",
    ], [
      "prompt",
      "PROMPT",
    ]] as const
  ) {
    const { code, stderr } = await commandLine(["start", "x"], {
      service: refusal(argument, "See codex_start."),
    });
    assert.deepEqual([code, stderr], [
      2,
      `agent-async: ${told}: is wrong\nSee agent-async start -a codex.\n`,
    ]);
  }
});

Deno.test("exit code: a bug gives 1 and its stack", async () => {
  const service = new ScriptedService({ list: () => Promise.reject(new TypeError("x is not a function")) });
  const { code, stderr } = await commandLine(["list"], { service });
  assert.equal(code, 1);
  assert.match(stderr, /TypeError: x is not a function\n {4}at /);
});

Deno.test("exit code: a reader that has gone is no failure and nothing is said", async () => {
  assert.deepEqual(await commandLine(["list"], { writesUntilBroken: 0 }), {
    code: 0,
    stdout: "",
    stderr: "",
  });
});

Deno.test("failure: what could not be downloaded is no fault of the program, anything unforeseen is", () => {
  const offline = failureOf(new TypeError("Failed caching npm package 'zod@4.6.7'"));
  assert.equal(offline.message, "Cannot load a part of agent-async: Failed caching npm package 'zod@4.6.7'");
  assert.match(offline.hint ?? "", /npm registry/);
  assert.match(failureOf(new TypeError("x is not a function")).hint ?? "", /please report it/);
});
