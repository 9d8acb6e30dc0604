/** Completions: made from the declarations, understood by the real shells where they are installed. */
import assert from "node:assert/strict";
import { COMMANDS } from "../../src/cli/command_list.ts";
import { HOSTS } from "../../src/cli/hosts/host_list.ts";
import { bashCompletions } from "../../src/cli/completions/bash.ts";
import { completionTree, everyNode } from "../../src/cli/completions/completion_tree.ts";
import { BUILT_IN_AGENTS } from "../../src/config/agent_settings.ts";
import { fishCompletions } from "../../src/cli/completions/fish.ts";
import { zshCompletions } from "../../src/cli/completions/zsh.ts";
import { aBrief, ScriptedService } from "../support/scripted_service.ts";
import { HostMachine } from "./host_machine.ts";
import { commandLine } from "./command_line.ts";

const tree = completionTree(COMMANDS);

Deno.test("completionTree has every command that people see, with its options", () => {
  const visible = COMMANDS.filter((command) => command.isHidden !== true).map((command) => command.name);
  assert.deepEqual(tree.map((node) => node.name), visible);
  const nodeAt = (path: string) => everyNode(tree).find((node) => node.path === path);
  const start = nodeAt("start");
  assert.deepEqual(start?.options.find((option) => option.long === "--policy"), {
    short: "-p",
    long: "--policy",
    summary: "suggest (reads only), auto-edit (writes in the directory), ask or full-auto",
    value: { kind: "words", words: ["suggest", "auto-edit", "ask", "full-auto"] },
  });
  const kindOf = (long: string) => start?.options.find((option) => option.long === long)?.value?.kind;
  assert.deepEqual(["--cwd", "--context-file", "--after", "--model", "--json"].map(kindOf), [
    "directory",
    "file",
    "job",
    "text",
    undefined,
  ]);
  assert.deepEqual(nodeAt("wait")?.arguments, [{ name: "ID", isVariadic: true, value: { kind: "job" } }]);
  assert.deepEqual(nodeAt("config get")?.arguments.map(({ value }) => value.kind), ["key"]);
  assert.deepEqual(nodeAt("remove-agent")?.arguments.map(({ value }) => value), [
    { kind: "words", words: HOSTS.map(({ id }) => id) },
  ]);
});

Deno.test("list --for-completions: an id and what it is, a line each, whatever the prompt says", async () => {
  const jobs = [aBrief({ prompt: "one\n\x1b[31mtwo" }), aBrief({ job_id: "zzzz0002", status: "done" })];
  const service = new ScriptedService({ list: () => Promise.resolve({ jobs, total: 2 }) });
  assert.equal(
    (await commandLine(["list", "--for-completions"], { service })).stdout,
    `${aBrief().job_id}\trunning: npm test, one two\nzzzz0002\tdone, ${aBrief().prompt}\n`,
  );
});

Deno.test("list-agents --for-completions: the agents of the program and of the configuration, a line each", async () => {
  using machine = new HostMachine();
  machine.write(
    "~/.agent-async/config.json",
    '{ "agents": { "mine": { "command": "m", "output": "text" } } }',
  );
  const names = async () => {
    const { code, stdout } = await machine.run("list-agents", "--for-completions");
    assert.equal(code, 0);
    return stdout.trimEnd().split("\n").map((line) => line.split("\t")[0]);
  };
  assert.deepEqual(await names(), [...BUILT_IN_AGENTS, "mine"]);
  machine.write("~/.agent-async/config.json", "{ broken");
  assert.deepEqual(await names(), [...BUILT_IN_AGENTS]);
});

/** What stands for the program while a shell completes: two jobs, two agents and two keys. */
const PROGRAM = `#!/bin/sh
case "$*" in
  "list --for-completions") printf 'aaaa0001\\tdone, a: b\\nbbbb0002\\trunning, c d\\n' ;;
  "list-agents --for-completions") printf 'codex\\tCodex CLI\\nmine\\tMy agent\\n' ;;
  config) printf 'limits.total = 4\\nlimits.depth = 3   (file x)\\n' ;;
esac
`;

/** What a shell prints for a script; `null` where it is not installed. */
async function run(shell: string, args: string[], script: string): Promise<string | null> {
  const directory = Deno.makeTempDirSync({ prefix: "agent-async-shell-" });
  Deno.writeTextFileSync(`${directory}/script`, script);
  Deno.mkdirSync(`${directory}/my dir`);
  Deno.mkdirSync(`${directory}/bin`);
  Deno.writeTextFileSync(`${directory}/bin/agent-async`, PROGRAM, { mode: 0o755 });
  try {
    const { code, stdout, stderr } = await new Deno.Command(shell, {
      args: [...args, `${directory}/script`],
      cwd: directory,
      env: { HOME: directory, PATH: `${directory}/bin:/usr/bin:/bin`, TERM: "dumb" },
      clearEnv: true,
      stdin: "null",
      signal: AbortSignal.timeout(60_000),
    }).output();
    const decoder = new TextDecoder();
    assert.deepEqual([code, decoder.decode(stderr)], [0, ""]);
    return decoder.decode(stdout);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

/** What bash offers for a line that ends at the cursor, a line each. */
async function bashReply(...line: readonly string[]): Promise<string[] | undefined> {
  const words = ["agent-async", ...line].map((word) => `'${word}'`).join(" ");
  const script = `${bashCompletions(tree)}
COMP_WORDS=(${words}); COMP_CWORD=${line.length}; _agent_async; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return (await run("bash", ["--norc"], script))?.trimEnd().split("\n");
}

Deno.test("bash completes commands, subcommands, options, values, jobs, keys and paths with spaces", async () => {
  const expected: [string[], string[]][] = [
    [["can"], ["cancel"]],
    [["daemon", "sto"], ["stop"]],
    [["help", "dae"], ["daemon"]],
    [["start", "--pri"], ["--priority"]],
    [["start", "-p", ""], ["suggest", "auto-edit", "ask", "full-auto"]],
    [["start", "--agent", "m"], ["mine"]],
    [["start", "--fallback", ""], ["codex", "mine"]],
    [["list", "-a", "co"], ["codex"]],
    [["stats", "-b", ""], ["agent", "model", "day", "directory", "project"]],
    [["start", "-C", "my"], ["my dir"]],
    [["show", ""], ["last", "aaaa0001", "bbbb0002"]],
    [["start", "--after", "b"], ["bbbb0002"]],
    [["start", "--after", "=", "b"], ["bbbb0002"]],
    [["start", "--policy", "="], ["suggest", "auto-edit", "ask", "full-auto"]],
    [["cancel", "aaaa0001", "-"], ["--json", "--help"]],
    [["config", "get", "lim"], ["limits.total", "limits.depth"]],
    [["add-agent", "cl"], ["claude-code", "claude-desktop"]],
    // A word of the prompt is no command.
    [["run", "daemon", "sto"], [""]],
  ];
  for (const [line, reply] of expected) assert.deepEqual(await bashReply(...line), reply, line.join(" "));
});

Deno.test("fish completes the same", async () => {
  const ask = async (line: string) => {
    const reply = await run("fish", ["--no-config"], `${fishCompletions(tree)}\ncomplete -C '${line}'`);
    return reply?.trimEnd().split("\n");
  };
  if (await ask("agent-async ") === undefined) return console.warn("not checked: fish is not installed");
  assert.deepEqual(await ask("agent-async can"), ["cancel\tEnd jobs and everything that they started"]);
  assert.deepEqual(await ask("agent-async daemon sto"), [
    "stop\tStop the daemon; running jobs go on, and the next daemon takes them over",
  ]);
  assert.deepEqual(await ask("agent-async daemon start --"), [
    "--help\tshow this help",
    "--json\tprint JSON",
  ]);
  assert.deepEqual(await ask("agent-async show "), [
    "last\tthe newest job",
    "aaaa0001\tdone, a: b",
    "bbbb0002\trunning, c d",
  ]);
  assert.deepEqual(await ask("agent-async start --after b"), ["bbbb0002\trunning, c d"]);
  assert.deepEqual(await ask("agent-async start -a "), ["codex\tCodex CLI", "mine\tMy agent"]);
  assert.deepEqual(await ask("agent-async start --policy=full"), ["--policy=full-auto"]);
  assert.deepEqual((await ask("agent-async stats -b d"))?.map((line) => line.split("\t")[0]), [
    "day",
    "directory",
  ]);
  assert.deepEqual(await ask("agent-async config get limits.t"), ["limits.total"]);
  assert.deepEqual((await ask("agent-async start -C m"))?.map((line) => line.split("\t")[0]), ["my dir/"]);
});

/** A zsh at a terminal of its own, which completes a line and says what the line has become. */
function zshScript(line: string, how: "evaluated" | "autoloaded"): string {
  const load = how === "evaluated"
    ? "autoload -U compinit; compinit -u; source ./_agent-async"
    : "fpath=($PWD $fpath); autoload -U compinit; compinit -u";
  return `cat >_agent-async <<'END'
${zshCompletions(tree)}END
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell ${quoted(`PS1= PROMPT_EOL_MARK=; unsetopt zle_bracketed_paste; ${load}`)}
zpty -w shell ${quoted("tell() { print -r -- $BUFFER >line; exit }; zle -N tell; bindkey '^G' tell")}
zpty -n -w shell ${quoted(line)}$'\\t\\x07'
while zpty -r shell said; do :; done
cat line`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

Deno.test("zsh completes the same, evaluated or autoloaded", async () => {
  const ask = async (line: string, how: "evaluated" | "autoloaded" = "evaluated") => {
    return (await run("zsh", ["-f"], zshScript(line, how)))?.trimEnd();
  };
  if (await ask("agent-async canc") === undefined) return console.warn("not checked: zsh is not installed");
  for (const how of ["evaluated", "autoloaded"] as const) {
    assert.equal(await ask("agent-async canc", how), "agent-async cancel");
  }
  for (
    const [line, completed] of [
      ["agent-async daemon sto", "agent-async daemon stop"],
      ["agent-async help dae", "agent-async help daemon"],
      ["agent-async start -p full", "agent-async start -p full-auto"],
      ["agent-async start --policy full", "agent-async start --policy full-auto"],
      ["agent-async start --policy=full", "agent-async start --policy=full-auto"],
      ["agent-async show b", "agent-async show bbbb0002"],
      ["agent-async wait bbbb0002 a", "agent-async wait bbbb0002 aaaa0001"],
      ["agent-async config get limits.t", "agent-async config get limits.total"],
      ["agent-async start -C m", "agent-async start -C my\\ dir/"],
    ] as const
  ) assert.equal(await ask(line), completed);
});
