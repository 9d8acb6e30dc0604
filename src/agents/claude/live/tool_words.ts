/**
 * Room `agents`: a tool call of Claude Code's in the words by which somebody allows it: the command, the file with what
 * is to be in it, the page, the arguments. Never the model's own description of them.
 *
 * @module
 */
import { argumentsText, questionDetail, questionTitle } from "../../reading/asked_text.ts";

type Arguments = Readonly<Record<string, unknown>>;

interface ToolWords {
  readonly title: string;
  readonly detail: string;
}

/** @param reason why Claude Code asks, which is shown last */
export function toolWords(tool: string, input: Arguments, reason?: string): ToolWords {
  const { title, detail } = wordsOf(tool, input);
  const why = reason === undefined || reason.trim() === ""
    ? ""
    : `\n\nClaude Code asks because: ${reason.trim()}`;
  return { title: questionTitle(title), detail: questionDetail(`${detail}${why}`.trim()) };
}

function wordsOf(tool: string, input: Arguments): ToolWords {
  switch (tool) {
    case "Bash":
      return {
        title: `Run: ${text(input, "command")}`,
        detail: withOthers(text(input, "command"), input, ["command", "description", "timeout"]),
      };
    case "Write":
      return {
        title: `Write ${path(input)}`,
        detail: `The whole of ${path(input)} becomes:\n${marked("+", text(input, "content"))}`,
      };
    case "Edit":
      return { title: `Edit ${path(input)}`, detail: editText(path(input), [input]) };
    case "MultiEdit":
      return { title: `Edit ${path(input)}`, detail: editText(path(input), editsOf(input)) };
    case "NotebookEdit":
      return {
        title: `Edit ${path(input)}`,
        detail: withOthers(marked("+", text(input, "new_source")), input, ["new_source"]),
      };
    case "Read":
      return { title: `Read ${path(input)}`, detail: argumentsText(input) };
    case "WebFetch":
      return { title: `Fetch ${text(input, "url")}`, detail: argumentsText(input) };
    case "WebSearch":
      return { title: `Search the web: ${text(input, "query")}`, detail: argumentsText(input) };
    case "ExitPlanMode":
      return { title: "Carry out the plan", detail: withOthers(text(input, "plan"), input, ["plan"]) };
    default:
      return { title: `Use ${named(tool)}`, detail: argumentsText(input) };
  }
}

/** `mcp__server__tool` is the tool of a server; a server's name may hold single underscores. */
function named(tool: string): string {
  const [, server, name] = /^mcp__(.+?)__(.+)$/.exec(tool) ?? [];
  return server === undefined ? `the tool ${tool}` : `the tool ${name} of the MCP server ${server}`;
}

/** Arguments beside the known ones may change what a call does, so they are shown. */
function withOthers(shown: string, input: Arguments, known: readonly string[]): string {
  const others = Object.entries(input).filter(([name]) => !known.includes(name));
  return others.length === 0 ? shown : `${shown}\n\n${argumentsText(Object.fromEntries(others))}`.trim();
}

function editsOf(input: Arguments): Arguments[] {
  const edits = input["edits"];
  return Array.isArray(edits) ? edits.filter((edit) => typeof edit === "object" && edit !== null) : [];
}

function editText(file: string, edits: readonly Arguments[]): string {
  const hunks = edits.map((edit) => {
    const everywhere = edit["replace_all"] === true ? "@@ everywhere in the file @@" : "@@";
    const [before, after] = [text(edit, "old_string"), text(edit, "new_string")];
    return [everywhere, marked("-", before), marked("+", after)].filter((part) => part !== "").join("\n");
  });
  return [`--- ${file}`, `+++ ${file}`, ...hunks].join("\n");
}

/** Each line with a mark before it; "" for no text. */
function marked(mark: string, lines: string): string {
  if (lines === "") return "";
  return lines.replace(/\n$/, "").split("\n").map((line) => `${mark}${line}`).join("\n");
}

function path(input: Arguments): string {
  return text(input, "file_path") || text(input, "notebook_path");
}

function text(input: Arguments, name: string): string {
  const value = input[name];
  return typeof value === "string" ? value : argumentsText(value);
}
