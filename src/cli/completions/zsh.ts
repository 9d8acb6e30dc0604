/**
 * Room `cli`: the completion script for zsh.
 *
 * @module
 */
import {
  AGENTS_COMMAND,
  type Completion,
  type CompletionArgument,
  type CompletionNode,
  type CompletionOption,
  JOBS_COMMAND,
  KEYS_COMMAND,
} from "./completion_tree.ts";

/** The completion script. zsh can evaluate it after `compinit`, or find it as `_agent-async` on its `fpath`. */
export function zshCompletions(tree: readonly CompletionNode[]): string {
  return `#compdef agent-async
# zsh completions of agent-async: eval "$(agent-async completions zsh)"
_agent-async_jobs() {
  local -a jobs=(\${(f)"$(${JOBS_COMMAND})"})
  jobs=('last:the newest job' \${jobs/$'\\t'/:})
  _describe -V job jobs
}
_agent-async_agents() {
  local -a agents=(\${(f)"$(${AGENTS_COMMAND})"})
  agents=(\${agents/$'\\t'/:})
  _describe agent agents
}
_agent-async_keys() {
  local -a keys=(\${(f)"$(${KEYS_COMMAND})"})
  _describe key keys
}
_agent-async_commands() {
  ${describe("command", [...tree, { name: "help", summary: "show the help of a command" }])}
}
_agent-async() {
  local curcontext="$curcontext" state line
  _arguments -C '--help[show this help]' '--version[print the version]' '1: :->command' '*:: :->rest'
  case $state in
    command) _agent-async_commands ;;
    rest)
      case $line[1] in
        help) _agent-async_commands ;;
${tree.map((node) => commandCase(node, "        ")).join("\n")}
      esac ;;
  esac
}
if [[ $funcstack[1] == _agent-async ]]; then
  _agent-async "$@"
else
  compdef _agent-async agent-async
fi
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

function describe(what: string, nodes: readonly Pick<CompletionNode, "name" | "summary">[]): string {
  const names = nodes.map((node) => quoted(`${node.name}:${node.summary.replaceAll(":", "\\:")}`));
  return `local -a names=(${names.join(" ")}); _describe ${quoted(what)} names`;
}

function specs(node: CompletionNode): string[] {
  return [
    ...node.options.flatMap(optionSpecs),
    quoted("--help[show this help]"),
    ...node.arguments.map(argumentSpec),
  ];
}

function argumentSpec({ name, isVariadic, value }: CompletionArgument, index: number): string {
  return quoted(`${isVariadic ? "*" : index + 1}:${name.toLowerCase()}:${action(value)}`);
}

function optionSpecs(option: CompletionOption): string[] {
  const says = option.summary.replace(/[[\]:]/g, "\\$&");
  const value = option.value === null ? "" : `:value:${action(option.value)}`;
  const repeated = /repeatable/.test(option.summary) ? "*" : "";
  // With `=` in its specification, zsh accepts a value both after `=` and as the next word.
  const long = option.value === null ? option.long : `${option.long}=`;
  return [option.short, long].flatMap((name) =>
    name === null ? [] : [quoted(`${repeated}${name}[${says}]${value}`)]
  );
}

function action(value: Completion): string {
  switch (value.kind) {
    case "words":
      return `(${value.words.join(" ")})`;
    case "agent":
      return "_agent-async_agents";
    case "job":
      return "_agent-async_jobs";
    case "key":
      return "_agent-async_keys";
    case "directory":
      return "_files -/";
    case "file":
      return "_files";
    case "text":
      return " ";
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
