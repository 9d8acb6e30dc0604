/**
 * Room `cli`: the completion script for bash.
 *
 * @module
 */
import {
  AGENTS_COMMAND,
  type Completion,
  type CompletionNode,
  everyNode,
  JOBS_COMMAND,
  KEYS_COMMAND,
} from "./completion_tree.ts";

/** The completion script, which bash 3.2 and later can evaluate. */
export function bashCompletions(tree: readonly CompletionNode[]): string {
  const nodes = everyNode(tree);
  const names = [...tree.map((node) => node.name), "help"].join(" ");
  return `# bash completions of agent-async: eval "$(agent-async completions bash)"
_agent_async() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  local path="" word words="" options="--help" IFS=$' \\t\\n'
  COMPREPLY=()
  # bash takes --policy=x for three words.
  if [[ $current == "=" ]]; then current=""; elif [[ $previous == "=" ]]; then previous="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$path $word" in
${nodes.map((node) => `      ${pathCase(node)}`).join("\n")}
      " help") path="help" ;;
    esac
  done
  case "$path $previous" in
${valueCases(nodes)}
  esac
  case "$path" in
    "") words="${names}" options="--help --version" ;;
    "help") words="${names}" ;;
${nodes.map((node) => `    "${node.path}") ${wordsOf(node)} ;;`).join("\n")}
  esac
  if [[ $current == -* || -z $words ]]; then words="$options"; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _agent_async agent-async
`;
}

/** A case of the script that moves from a command to its subcommand. */
function pathCase(node: CompletionNode): string {
  const above = node.path.slice(0, -node.name.length).trimEnd();
  return `"${above} ${node.name}") path="${node.path}" ;;`;
}

function wordsOf(node: CompletionNode): string {
  const words = [
    ...node.children.map((child) => child.name),
    ...new Set(node.arguments.map(({ value }) => wordsText(value)).filter((text) => text !== "")),
  ];
  const options = node.options.flatMap(({ short, long }) => short === null ? [long] : [short, long]);
  return `words="${words.join(" ")}" options="${[...options, "--help"].join(" ")}"`;
}

/** The words of a completion as shell text, for use inside double quotes. */
function wordsText(value: Completion): string {
  switch (value.kind) {
    case "words":
      return value.words.join(" ");
    case "agent":
      return `$(${AGENTS_COMMAND} | cut -f1)`;
    case "job":
      return `last $(${JOBS_COMMAND} | cut -f1)`;
    case "key":
      return `$(${KEYS_COMMAND})`;
    default:
      return "";
  }
}

/** The cases of the script that complete the value of an option. */
function valueCases(nodes: readonly CompletionNode[]): string {
  const patterns = new Map<string, string[]>();
  for (const node of nodes) {
    for (const { short, long, value } of node.options) {
      if (value === null) continue;
      const names = [short, long].flatMap((name) => name === null ? [] : [`"${node.path} ${name}"`]);
      const reply = replyTo(value);
      patterns.set(reply, [...(patterns.get(reply) ?? []), ...names]);
    }
  }
  return [...patterns].map(([reply, names]) => `    ${names.join("|")}) ${reply} return ;;`).join("\n");
}

function replyTo(value: Completion): string {
  switch (value.kind) {
    case "text":
      return "";
    case "directory":
    case "file":
      // With a newline as the only separator, a file name with spaces stays one completion.
      return `IFS=$'\\n'; compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -${
        value.kind === "file" ? "f" : "d"
      } -- "$current"));`;
    default:
      return `COMPREPLY=($(compgen -W "${wordsText(value)}" -- "$current"));`;
  }
}
