/**
 * Room `cli`: completions for bash.
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

/** To be evaluated by bash 3.2 or later. */
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

/** How a word on the line leads from one command to the next. */
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

/** For the inside of double quotes. */
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

/** What follows an option that takes a value. */
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
      // Names with spaces in them are names all the same.
      return `IFS=$'\\n'; compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -${
        value.kind === "file" ? "f" : "d"
      } -- "$current"));`;
    default:
      return `COMPREPLY=($(compgen -W "${wordsText(value)}" -- "$current"));`;
  }
}
