/**
 * Room `cli`: what is known of a host, as data and small functions. A host is a program with an MCP client, and its
 * description says where it keeps its servers; how files are changed is the same for all.
 *
 * @module
 */
import { CommandError } from "../entry/exit_code.ts";
import type { HostFileReference } from "./host_document.ts";
import type { Path, Plain } from "./plain_data.ts";

export type HostScope = "user" | "project";

/** Whose files are meant. */
export interface HostSite {
  readonly env: Readonly<Record<string, string>>;
  /** Absolute: the project. @throws CommandError as `Io.cwd` does. */
  readonly cwd: string;
  readonly os: string;
}

/** The project's directory, or `null` when there is none that can be told. */
export function projectDirectory(site: HostSite): string | null {
  try {
    return site.cwd;
  } catch (error) {
    if (error instanceof CommandError) return null;
    throw error;
  }
}

export interface Registration {
  /** Of the server in the host. */
  readonly name: string;
  /** The whole command that the host runs. */
  readonly command: readonly [string, ...string[]];
  /** Variables that the server needs and a host may not pass on. */
  readonly env: Readonly<Record<string, string>>;
  /** The tools that the host may call without asking; none unless asked for. */
  readonly allowedTools: readonly string[];
}

/** A host's list of what it calls without asking, one item for each tool. */
export interface HostPermissions {
  readonly file: HostFileReference;
  readonly path: Path;
  itemOf(tool: string): string;
  /** Whether an item allows every tool of the server, also those that are never to be allowed. */
  isServerWide(item: unknown): boolean;
  /** Whether an item is of this server at all. */
  isOurs(item: unknown): boolean;
  /** What must stand elsewhere for the permissions to count. */
  readonly others?: readonly HostListItem[];
}

/** What is to run when a tool of the server `name` was called. */
export interface WakeHook {
  readonly name: string;
  /** The program, without a command. */
  readonly self: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** An item of a list in one of the host's files: a permission, a hook. */
export interface HostListItem {
  readonly file: HostFileReference;
  readonly path: Path;
  readonly item: unknown;
  isOurs(item: unknown): boolean;
  /** Items that `item` takes the place of; without it: those that are ours. */
  isReplaced?(item: unknown): boolean;
}

/** The host's own command line. */
export interface HostCommandLine {
  readonly executables: readonly string[];
  /** Arguments; `null` when it cannot do so. */
  add(registration: Registration, scope: HostScope): readonly string[] | null;
  remove(name: string, scope: HostScope): readonly string[] | null;
  /** Whether it lays the rest of the file out anew, which is then put back. */
  reformats(scope: HostScope): boolean;
  /** Whether it would damage a file with this text: then it is not used, and the file is edited. */
  spoils?(text: string): boolean;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Host {
  readonly id: string;
  readonly title: string;
  readonly aliases: readonly string[];
  /** Names on PATH that show that it is installed. */
  readonly executables: readonly string[];
  /** Files or directories that show that it is used. */
  traces(site: HostSite): readonly string[];
  /** Where it keeps its servers; `null` when it has no such scope. */
  serversFile(site: HostSite, scope: HostScope): HostFileReference | null;
  /** The key of that file under which the servers are. */
  readonly serversKey: string;
  /** @param present the entry of ours that is there already: what its owner added to a list of it stays. */
  entry(registration: Registration, present?: Plain): Plain;
  /** For a host that keeps permissions apart from its servers. */
  permissions?(site: HostSite, scope: HostScope, name: string): HostPermissions;
  /** For a host that keeps them in the entry: whether that allows every tool. */
  isServerWide?(entry: Plain): boolean;
  /** Why `--allow` does nothing here. */
  readonly noPermissions?: string;
  /** What wakes an idle session when a job ends. */
  wakeHook?(site: HostSite, scope: HostScope, hook: WakeHook): HostListItem;
  readonly commandLine?: HostCommandLine;
  /** What a person must know about a registration of this scope. */
  advice?(scope: HostScope, isAllowed: boolean): string | null;
}

/** The user's home directory; "" when there is none, which every command of ours has refused before. */
export function userHome(site: HostSite): string {
  return (site.os === "windows" ? site.env["USERPROFILE"] : site.env["HOME"]) ?? "";
}

/** The value of a variable that may be set to nothing. */
export function variable(site: HostSite, name: string): string | undefined {
  const value = site.env[name];
  return value === "" ? undefined : value;
}

/** `command`, `args` and `env`, as nearly every host spells them. */
export function commonEntry({ command: [command, ...args], env }: Registration): Plain {
  return { command, args, ...(Object.keys(env).length === 0 ? {} : { env }) };
}
