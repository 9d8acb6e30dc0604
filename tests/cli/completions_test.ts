/** Completions: made from the declarations, understood by the real shells where they are installed. */
import assert from "node:assert/strict";
import { COMMANDS } from "../../src/cli/command_list.ts";
import { HOSTS } from "../../src/cli/hosts/host_list.ts";
import { bashCompletions } from "../../src/cli/completions/bash.ts";
import { completionTree } from "../../src/cli/completions/completion_tree.ts";
import { fishCompletions } from "../../src/cli/completions/fish.ts";
import { zshCompletions } from "../../src/cli/completions/zsh.ts";

const tree = completionTree(COMMANDS);

Deno.test("completionTree has every command that people see, with its options", () => {
  const visible = COMMANDS.filter((command) => command.isHidden !== true).map((command) => command.name);
  assert.deepEqual(tree.map((node) => node.name), visible);
  const start = tree.find((node) => node.name === "start");
  assert.deepEqual(start?.options.find((option) => option.long === "--policy"), {
    short: "-p",
    long: "--policy",
    summary: "suggest (reads only), auto-edit (writes in the directory) or full-auto",
    takes: "text",
    words: ["suggest", "auto-edit", "full-auto"],
  });
  assert.equal(start?.options.find((option) => option.long === "--cwd")?.takes, "directory");
  assert.deepEqual(tree.find((node) => node.name === "show")?.words, ["last"]);
  assert.deepEqual(tree.find((node) => node.name === "remove-agent")?.words, HOSTS.map(({ id }) => id));
});

async function run(shell: string, args: string[], script: string): Promise<string | null> {
  const directory = Deno.makeTempDirSync({ prefix: "agent-async-shell-" });
  Deno.writeTextFileSync(`${directory}/completions`, script);
  try {
    const { code, stdout, stderr } = await new Deno.Command(shell, {
      args: [...args, `${directory}/completions`],
      env: { HOME: directory, PATH: "/usr/bin:/bin", TERM: "dumb" },
      clearEnv: true,
    }).output();
    const decoder = new TextDecoder();
    assert.equal(code, 0, decoder.decode(stderr));
    return decoder.decode(stdout);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

/** What bash offers for a line that ends at the cursor. */
function bashReply(line: readonly string[]): Promise<string | null> {
  const words = line.map((word) => `'${word}'`).join(" ");
  const script = `${bashCompletions(tree)}
COMP_WORDS=(${words}); COMP_CWORD=${line.length - 1}; _agent_async; echo "\${COMPREPLY[@]}"`;
  return run("bash", ["--norc"], script);
}

Deno.test("bash completes commands, subcommands, options and known values", async () => {
  assert.equal(await bashReply(["agent-async", "can"]), "cancel\n");
  assert.equal(await bashReply(["agent-async", "daemon", "sto"]), "stop\n");
  assert.equal(await bashReply(["agent-async", "start", "--pri"]), "--priority\n");
  assert.equal(await bashReply(["agent-async", "start", "-p", ""]), "suggest auto-edit full-auto\n");
  assert.equal(await bashReply(["agent-async", "show", "la"]), "last\n");
  assert.equal(await bashReply(["agent-async", "add-agent", "cl"]), "claude-code claude-desktop\n");
});

Deno.test("zsh and fish take their completions without a complaint", async () => {
  const zsh = await run("zsh", ["-f", "-n"], zshCompletions(tree));
  const fish = await run("fish", ["--no-execute"], fishCompletions(tree));
  const checked = [zsh === null ? [] : "zsh", fish === null ? [] : "fish"].flat();
  if (checked.length < 2) {
    console.warn(`only checked with: ${checked.join(", ") || "neither, none is installed"}`);
  }
  for (
    const [text, marks] of [[zshCompletions(tree), ["_describe", "'-p[suggest"]], [fishCompletions(tree), [
      "-l policy",
    ]]] as const
  ) {
    for (const mark of marks) assert.ok(text.includes(mark), mark);
  }
});
