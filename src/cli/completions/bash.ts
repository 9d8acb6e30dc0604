/**
 * Room `cli`: completions for bash.
 *
 * @module
 */
import type { CompletionNode, CompletionOption } from "./completion_tree.ts";

/** To be evaluated by bash 3.2 or later. */
export function bashCompletions(tree: readonly CompletionNode[]): string {
  const cases = tree.flatMap((node) => [
    wordsCase(node.name, node),
    ...node.children.map((child) => wordsCase(`${node.name} ${child.name}`, child)),
  ]);
  return `# bash completions of agent-async: eval "$(agent-async completions bash)"
_agent_async() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" path="" word words=""
  COMPREPLY=()
  case "$previous" in
${valueCases(tree)}
  esac
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$path $word" in
${pathCases(tree)}
    esac
  done
  case "$path" in
    "") words="${[...tree.map((node) => node.name), "help", "--help", "--version"].join(" ")}" ;;
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _agent_async agent-async
`;
}

function wordsCase(path: string, node: CompletionNode): string {
  const options = node.options.flatMap(({ short, long }) => short === null ? [long] : [short, long]);
  const words = [...node.children.map((child) => child.name), ...node.words, ...options, "--help"];
  return `    "${path}") words="${words.join(" ")}" ;;`;
}

/** How a word on the line leads from one command to the next. */
function pathCases(tree: readonly CompletionNode[]): string {
  return tree.flatMap((node) => [
    `      " ${node.name}") path="${node.name}" ;;`,
    ...node.children.map((child) =>
      `      "${node.name} ${child.name}") path="${node.name} ${child.name}" ;;`
    ),
  ]).join("\n");
}

/** What follows an option that takes a value. */
function valueCases(tree: readonly CompletionNode[]): string {
  const options = new Map<string, CompletionOption>();
  for (const node of tree.flatMap((one) => [one, ...one.children])) {
    for (const option of node.options) if (option.takes !== "nothing") options.set(option.long, option);
  }
  return [...options.values()].map((option) => {
    const pattern = option.short === null ? option.long : `${option.short}|${option.long}`;
    const reply = option.words.length > 0
      ? `COMPREPLY=($(compgen -W "${option.words.join(" ")}" -- "$current"))`
      : option.takes === "directory"
      ? 'COMPREPLY=($(compgen -d -- "$current"))'
      : option.takes === "file"
      ? 'COMPREPLY=($(compgen -f -- "$current"))'
      : ":";
    return `    ${pattern}) ${reply}; return ;;`;
  }).join("\n");
}
