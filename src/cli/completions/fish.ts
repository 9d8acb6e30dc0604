/**
 * Room `cli`: completions for fish.
 *
 * @module
 */
import type { CompletionNode, CompletionOption } from "./completion_tree.ts";

/** To be sourced by fish, or kept in its `completions` directory. */
export function fishCompletions(tree: readonly CompletionNode[]): string {
  const lines = tree.flatMap((node) => {
    const here = `__fish_seen_subcommand_from ${node.name}`;
    const own = node.children.length === 0
      ? here
      : `${here}; and not __fish_seen_subcommand_from ${node.children.map((child) => child.name).join(" ")}`;
    return [
      line("__fish_use_subcommand", `-a ${node.name} -d ${quoted(node.summary)}`),
      ...nodeLines(node, own),
      ...node.children.flatMap((child) => [
        line(own, `-a ${child.name} -d ${quoted(child.summary)}`),
        ...nodeLines(child, `${here}; and __fish_seen_subcommand_from ${child.name}`),
      ]),
    ];
  });
  return `# fish completions of agent-async: agent-async completions fish | source
complete -c agent-async -f
${lines.join("\n")}
`;
}

function nodeLines(node: CompletionNode, condition: string): string[] {
  const words = node.words.length === 0 ? [] : [line(condition, `-a ${quoted(node.words.join(" "))}`)];
  return [...node.options.map((option) => line(condition, optionText(option))), ...words];
}

function optionText(option: CompletionOption): string {
  const short = option.short === null ? "" : `-s ${option.short.slice(1)} `;
  const value = option.takes === "nothing"
    ? ""
    : option.words.length > 0
    ? ` -x -a ${quoted(option.words.join(" "))}`
    : option.takes === "directory"
    ? " -x -a '(__fish_complete_directories)'"
    : option.takes === "file"
    ? " -r -F"
    : " -x";
  return `${short}-l ${option.long.slice(2)}${value} -d ${quoted(option.summary)}`;
}

function line(condition: string, rest: string): string {
  return `complete -c agent-async -n ${quoted(condition)} ${rest}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
