/**
 * Room `cli`: the completion script for fish.
 *
 * @module
 */
import {
  AGENTS_COMMAND,
  type Completion,
  type CompletionNode,
  type CompletionOption,
  everyNode,
  JOBS_COMMAND,
  KEYS_COMMAND,
} from "./completion_tree.ts";

/** The completion script, which fish can source or find in its `completions` directory. */
export function fishCompletions(tree: readonly CompletionNode[]): string {
  const groups = tree.filter((node) => node.children.length > 0).map((node) => node.name);
  const names = [...tree, { name: "help", summary: "show the help of a command" }];
  const lines = [
    ...["", "help"].flatMap((path) => names.map(({ name, summary }) => line(path, word(name, summary)))),
    line("", "-s V -l version -d 'print the version'"),
    ...everyNode(tree).flatMap(nodeLines),
  ];
  return `# fish completions of agent-async: agent-async completions fish | source
function __agent_async_at
    set -l path
    for word in (commandline -opc)[2..-1]
        string match -q -- '-*' $word; and continue
        set -a path $word
        contains -- $word ${groups.join(" ")}; and test (count $path) -eq 1; or break
    end
    test "$path" = "$argv"
end
function __agent_async_agents
    ${AGENTS_COMMAND}
end
function __agent_async_jobs
    printf 'last\\tthe newest job\\n'
    ${JOBS_COMMAND}
end
complete -c agent-async -f
complete -c agent-async -s h -l help -d 'show this help'
${lines.join("\n")}
`;
}

function nodeLines(node: CompletionNode): string[] {
  const values = new Set(node.arguments.map(({ value }) => valueText(value)).filter((text) => text !== ""));
  return [
    ...node.children.map((child) => line(node.path, word(child.name, child.summary))),
    ...node.options.map((option) => line(node.path, optionText(option))),
    ...[...values].map((value) => line(node.path, `-k ${value}`)),
  ];
}

function word(name: string, summary: string): string {
  return `-a ${name} -d ${quoted(summary)}`;
}

function optionText(option: CompletionOption): string {
  const short = option.short === null ? "" : `-s ${option.short.slice(1)} `;
  const value = option.value === null
    ? ""
    : option.value.kind === "file"
    ? " -r -F"
    : ` -x ${valueText(option.value)}`.trimEnd();
  return `${short}-l ${option.long.slice(2)}${value} -d ${quoted(option.summary)}`;
}

function valueText(value: Completion): string {
  switch (value.kind) {
    case "words":
      // The tab gives each word an empty description. Without it, fish shows the description of the option beside every
      // word.
      return `-a ${quoted(value.words.map((word) => `${word}\\t`).join(" "))}`;
    case "agent":
      return "-a '(__agent_async_agents)'";
    case "job":
      return "-a '(__agent_async_jobs)'";
    case "key":
      return `-a ${quoted(`(${KEYS_COMMAND})`)}`;
    case "directory":
      return "-a '(__fish_complete_directories)'";
    case "file":
    case "text":
      return "";
  }
}

/** @param path the names that lead to the command at which the line offers its completion. */
function line(path: string, rest: string): string {
  return `complete -c agent-async -n ${quoted(`__agent_async_at ${path}`.trimEnd())} ${rest}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
