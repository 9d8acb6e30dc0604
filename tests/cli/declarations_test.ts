/**
 * Tests of room `cli`: the declarations themselves. What help, completions and docs/commands.md are made from must be whole.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Command, keyOfArgument, keyOfOption } from "../../src/cli/command.ts";
import { COMMANDS } from "../../src/cli/command_list.ts";
import { parseArguments } from "../../src/cli/entry/program.ts";

/** Columns of half a laptop's screen. */
const NARROW = 60;

const PARSING = { columns: 100, version: "1.2.3" };

function everyCommand(): { path: string[]; command: Command }[] {
  const below = (commands: readonly Command[], path: string[]): { path: string[]; command: Command }[] =>
    commands.flatMap((command) => {
      const inner = [...path, command.name];
      return [{ path: inner, command }, ...below(command.subcommands ?? [], inner)];
    });
  return below(COMMANDS, []);
}

/** Splits as a shell does, as far as the examples go: quotes, and no redirection. */
function words(line: string): string[] {
  const command = line.replace(/ (<|>>?) .*$/, "");
  return [...command.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? "");
}

/** What prints JSON anyway, a single text, or nothing that a program would read. */
const WITHOUT_JSON = [
  "mcp",
  "daemon run",
  "hook-wait",
  "completions",
  "config get",
  "config set",
  "config unset",
  "config path",
  "config schema",
];

for (const { path, command } of everyCommand()) {
  const name = path.join(" ");

  Deno.test(`command ${name}: its texts and keys are whole`, () => {
    assert.match(command.name, /^[a-z][a-z-]*$/);
    assert.match(command.summary, /^[A-Z].*[^.]$/);
    assert.match(command.details ?? "A sentence.", /^[A-Z].*\.$/);
    for (const { summary } of [...command.options ?? [], ...command.arguments ?? []]) {
      assert.match(summary, /^[a-z-].*[^.]$/, `${name}: ${summary}`);
    }
    const declared = [
      ...(command.arguments ?? []).map(keyOfArgument),
      ...(command.options ?? []).map(keyOfOption),
    ];
    assert.deepEqual([...declared].sort(), [...command.inputKeys].sort());
    const shorts = (command.options ?? []).flatMap(({ flags }) => /^(-\w),/.exec(flags)?.[1] ?? []);
    assert.equal(new Set(shorts).size, shorts.length, `${name}: a short option twice`);
    assert.ok(!shorts.includes("-h") && !shorts.includes("-V"));
    assert.ok(command.run !== undefined || command.subcommands !== undefined);
  });

  Deno.test(`command ${name}: its examples are what it takes`, () => {
    const isForPeople = command.isHidden !== true && command.run !== undefined;
    assert.ok(!isForPeople || (command.examples ?? []).length > 0, "an example is missing");
    for (const { line } of command.examples ?? []) {
      const parsed = parseArguments(words(line), COMMANDS, PARSING);
      assert.equal(parsed.kind, "run", line);
      assert.equal(parsed.kind === "run" && parsed.command.name, command.name, line);
    }
  });

  Deno.test(`command ${name}: --help names every option that is not hidden, within the width`, () => {
    const parsed = parseArguments([...path, "--help"], COMMANDS, PARSING);
    assert.ok(parsed.kind === "print");
    for (const { flags } of (command.options ?? []).filter((option) => !option.isHidden)) {
      assert.ok(parsed.text.includes(flags), flags);
    }
    const tooWide = parsed.text.split("\n").filter((line) => line.length > PARSING.columns);
    assert.deepEqual(tooWide.filter((line) => !line.startsWith("Usage:")), []);
  });

  Deno.test(`command ${name}: --help on a narrow terminal is wrapped between words`, () => {
    const parsed = parseArguments([...path, "--help"], COMMANDS, { ...PARSING, columns: NARROW });
    assert.ok(parsed.kind === "print");
    // A command line of an example stays whole, so that it can be copied.
    const [words = ""] = parsed.text.split("\nExamples:");
    const tooWide = words.split("\n").filter((line) => line.length > NARROW && !line.startsWith("Usage:"));
    assert.deepEqual(tooWide, []);
  });

  if (command.run !== undefined && !WITHOUT_JSON.includes(name)) {
    Deno.test(`command ${name}: prints JSON on request`, () => {
      assert.ok(command.inputKeys.includes("json"));
    });
  }
}

Deno.test("commands: those of the contract's first part are there, and the daemon itself is not in the help", () => {
  const names = everyCommand().map(({ path }) => path.join(" "));
  const expected = [
    "run",
    "start",
    "wait",
    "show",
    "list",
    "logs",
    "events",
    "reply",
    "retry",
    "cancel",
    "daemon start",
    "daemon stop",
    "daemon status",
    "mcp",
    "version",
  ];
  assert.deepEqual(expected.filter((name) => !names.includes(name)), []);
  const help = parseArguments(["daemon", "--help"], COMMANDS, PARSING);
  assert.ok(help.kind === "print" && !/^ {2}run/m.test(help.text));
});
