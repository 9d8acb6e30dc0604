/**
 * Room `agents`: what Codex wants to do in the words by which somebody allows it: the command, the diff, the arguments.
 * The model's own reason is shown last, and never alone.
 *
 * @module
 */
import { argumentsText, questionDetail, questionTitle } from "../../reading/asked_text.ts";
import { innerCommand } from "../../shell_words.ts";
import type { BegunItems } from "./begun_items.ts";
import type { Params } from "./messages.ts";

export interface Words {
  readonly title: string;
  readonly detail: string;
}

/** Where a turn works, and what it has begun. */
export interface Site {
  readonly cwd: string;
  readonly items: BegunItems;
}

/**
 * @param params.kind `writeStdin` is input for a command that runs already
 * @param params.networkApprovalContext set when it is a connection that is asked for
 */
export function commandWords(params: Params, { cwd, items }: Site): Words {
  const command = innerCommand(text(params["command"]) || items.command(text(params["itemId"])));
  const network = record(params["networkApprovalContext"]);
  const isInput = params["kind"] === "writeStdin";
  const verb = isInput ? "Type into a running command" : "Run";
  const host = network === null ? "" : `${text(network["protocol"])} ${text(network["host"])}`.trim();
  return words(host === "" ? `${verb}: ${command}` : `Connect to ${host} for: ${command}`, [
    command,
    place(text(params["cwd"]), cwd),
    host === "" ? "" : `It wants to connect to: ${host}`,
    extra("It wants more permissions for this command", params["additionalPermissions"]),
    // What is typed stands in a member that only some versions have, under no settled name.
    isInput ? argumentsText(without(params, KNOWN)) : "",
    reason(params["reason"]),
  ]);
}

const KNOWN = [
  "additionalPermissions",
  "approvalId",
  "availableDecisions",
  "command",
  "commandActions",
  "cwd",
  "environmentId",
  "itemId",
  "kind",
  "networkApprovalContext",
  "proposedExecpolicyAmendment",
  "proposedNetworkPolicyAmendments",
  "reason",
  "startedAtMs",
  "threadId",
  "turnId",
];

/** The request names an item alone; its changes were told when it began. */
export function fileChangeWords(params: Params, { cwd, items }: Site): Words {
  const changes = items.changes(text(params["itemId"]));
  const root = text(params["grantRoot"]);
  const paths = changes.map(({ path }) => below(cwd, path));
  return words(paths.length === 0 ? "Change files" : `Change ${paths.join(", ")}`, [
    changes.map(({ path, kind, diff }) => changeText(path, kind, diff)).join("\n\n") ||
    "Codex did not say what it would change.",
    root === "" ? "" : `It wants to write below ${root} from now on`,
    reason(params["reason"]),
  ]);
}

/** @param meta what Codex adds to an elicitation that asks about a tool */
export function mcpToolWords(server: string, meta: Params, { items }: Site): Words {
  const tool = text(meta["tool_name"]) || items.mcpTool(server) || "an unnamed tool";
  const description = text(meta["tool_description"]).trim();
  return words(`Use the tool ${tool} of the MCP server ${server}`, [
    argumentsText(meta["tool_params"]),
    description === "" ? "" : `The server describes the tool so: ${description}`,
  ]);
}

/** A title, and the parts of a detail that are not empty. */
export function words(title: string, parts: readonly string[]): Words {
  return {
    title: questionTitle(title),
    detail: questionDetail(parts.map((part) => part.trimEnd()).filter((part) => part !== "").join("\n\n")),
  };
}

export function extra(label: string, value: unknown): string {
  const shown = argumentsText(value);
  return shown === "" ? "" : `${label}:\n${shown}`;
}

export function reason(value: unknown): string {
  const said = text(value).trim();
  return said === "" ? "" : `Codex's reason: ${said}`;
}

export function place(directory: string, cwd: string): string {
  return directory === "" || directory === cwd ? "" : `In ${directory}`;
}

function changeText(path: string, kind: string, diff: string): string {
  if (kind === "update") return `--- ${path}\n+++ ${path}\n${diff}`.trimEnd();
  const isNew = kind === "add";
  const lines = diff === "" ? [] : diff.replace(/\n$/, "").split("\n");
  return [
    `--- ${isNew ? "/dev/null" : path}`,
    `+++ ${isNew ? path : "/dev/null"}`,
    ...lines.map((line) => `${isNew ? "+" : "-"}${line}`),
  ].join("\n");
}

function below(cwd: string, path: string): string {
  return path.startsWith(`${cwd}/`) ? path.slice(cwd.length + 1) : path;
}

function without(params: Params, names: readonly string[]): Params {
  return Object.fromEntries(Object.entries(params).filter(([name]) => !names.includes(name)));
}

function record(value: unknown): Params | null {
  return typeof value === "object" && value !== null ? { ...value } : null;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
