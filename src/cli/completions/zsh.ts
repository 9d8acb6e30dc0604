/**
 * Room `cli`: completions for zsh.
 *
 * @module
 */
import type { CompletionNode, CompletionOption } from "./completion_tree.ts";

/** To be evaluated by zsh after `compinit`, or kept as `_agent-async` on its `fpath`. */
export function zshCompletions(tree: readonly CompletionNode[]): string {
  return `#compdef agent-async
# zsh completions of agent-async: eval "$(agent-async completions zsh)"
_agent-async() {
  local curcontext="$curcontext" state line
  _arguments -C '1: :->command' '*:: :->rest'
  case $state in
    command) ${describe("command", tree)} ;;
    rest)
      case $line[1] in
${tree.map((node) => commandCase(node, "        ")).join("\n")}
      esac ;;
  esac
}
(( $+functions[compdef] )) && compdef _agent-async agent-async
`;
}

function commandCase(node: CompletionNode, indent: string): string {
  if (node.children.length === 0) return `${indent}${node.name}) _arguments ${specs(node).join(" ")} ;;`;
  const inner = node.children.map((child) => commandCase(child, `${indent}    `)).join("\n");
  return `${indent}${node.name})
${indent}  _arguments -C ${specs(node).join(" ")} '1: :->sub' '*:: :->subrest'
${indent}  case $state in
${indent}    sub) ${describe(`${node.name} command`, node.children)} ;;
${indent}    subrest) case $line[1] in
${inner}
${indent}    esac ;;
${indent}  esac ;;`;
}

function describe(what: string, nodes: readonly CompletionNode[]): string {
  const names = nodes.map((node) => quoted(`${node.name}:${node.summary.replaceAll(":", "\\:")}`));
  return `local -a names=(${names.join(" ")}); _describe ${quoted(what)} names`;
}

function specs(node: CompletionNode): string[] {
  const words = node.words.length === 0 ? [] : [quoted(`*:argument:(${node.words.join(" ")})`)];
  return [...node.options.flatMap(optionSpecs), quoted("--help[show this help]"), ...words];
}

function optionSpecs(option: CompletionOption): string[] {
  const says = option.summary.replace(/[[\]:]/g, "\\$&");
  const value = option.takes === "nothing" ? "" : `:value:${valueAction(option)}`;
  return [option.short, option.long].flatMap((name) =>
    name === null ? [] : [quoted(`${name}[${says}]${value}`)]
  );
}

function valueAction(option: CompletionOption): string {
  if (option.words.length > 0) return `(${option.words.join(" ")})`;
  return option.takes === "directory" ? "_files -/" : option.takes === "file" ? "_files" : " ";
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
