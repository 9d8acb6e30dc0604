/**
 * Room `cli`: the description of a host, a program with an MCP client, as data and small functions. It says where the
 * host keeps its servers. How files are changed is the same for all hosts.
 *
 * @module
 */
import { CommandError } from "../entry/exit_code.ts";
import type { HostFileReference } from "./host_document.ts";
import type { Path, Plain } from "./plain_data.ts";

export type HostScope = "user" | "project";

/** The user, the project and the system whose host files are meant. */
export interface HostSite {
  readonly env: Readonly<Record<string, string>>;
  /** Absolute path of the project. @throws CommandError when the present directory cannot be determined. */
  readonly cwd: string;
  readonly os: string;
}

/** The project's directory; `null` when the present directory cannot be determined. */
export function projectDirectory(site: HostSite): string | null {
  try {
    return site.cwd;
  } catch (error) {
    if (error instanceof CommandError) return null;
    throw error;
  }
}

export interface Registration {
  /** Name of the server in the host. */
  readonly name: string;
  /** The whole command that the host runs. */
  readonly command: readonly [string, ...string[]];
  /** Variables that the server needs and a host may not pass on. */
  readonly env: Readonly<Record<string, string>>;
  /** Tools that the host may call without asking; empty unless the user asked for it. */
  readonly allowedTools: readonly string[];
}

/** A host's list of tools that it calls without asking, one item for each tool. */
export interface HostPermissions {
  readonly file: HostFileReference;
  readonly path: Path;
  itemOf(tool: string): string;
  /** Whether an item allows every tool of the server, also those that are never to be allowed. */
  isServerWide(item: unknown): boolean;
  /** Whether an item is of this server at all. */
  isOurs(item: unknown): boolean;
  /** Items in other lists without which the host ignores these permissions. */
  readonly others?: readonly HostListItem[];
}

/** The hook that runs after a tool of the server `name` was called. */
export interface WakeHook {
  readonly name: string;
  /** The words that start this program, before any command. */
  readonly self: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** An item of a list in one of the host's files: a permission, a hook. */
export interface HostListItem {
  readonly file: HostFileReference;
  readonly path: Path;
  readonly item: unknown;
  isOurs(item: unknown): boolean;
  /** Whether the new `item` replaces the given one; without this function, `isOurs` decides. */
  isReplaced?(item: unknown): boolean;
}

/** The host's own command line. */
export interface HostCommandLine {
  readonly executables: readonly string[];
  /** Arguments that add the server; `null` when the command line cannot do so in this scope. */
  add(registration: Registration, scope: HostScope): readonly string[] | null;
  remove(name: string, scope: HostScope): readonly string[] | null;
  /** Whether the command also reformats the rest of the file, whose layout is then restored. */
  reformats(scope: HostScope): boolean;
  /** Whether the command would damage a file with this text: then the file is edited instead. */
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
  /** @param present our entry from an earlier registration: what the user added to its lists stays. */
  entry(registration: Registration, present?: Plain): Plain;
  /** For a host that keeps permissions apart from its servers. */
  permissions?(site: HostSite, scope: HostScope, name: string): HostPermissions;
  /** For a host that keeps permissions in the server's entry: whether the entry allows every tool. */
  isServerWide?(entry: Plain): boolean;
  /** Why `--allow` does nothing for this host, as a sentence for the user. */
  readonly noPermissions?: string;
  /** The hook that wakes an idle session when a job ends. */
  wakeHook?(site: HostSite, scope: HostScope, hook: WakeHook): HostListItem;
  readonly commandLine?: HostCommandLine;
  /** What a person must know about a registration of this scope. */
  advice?(scope: HostScope, isAllowed: boolean): string | null;
}

/** The user's home directory; "" when none is set, which every command refuses before it asks for hosts. */
export function userHome(site: HostSite): string {
  return (site.os === "windows" ? site.env["USERPROFILE"] : site.env["HOME"]) ?? "";
}

/** The value of an environment variable; an empty one counts as not set. */
export function variable(site: HostSite, name: string): string | undefined {
  const value = site.env[name];
  return value === "" ? undefined : value;
}

/** `command`, `args` and `env`, as nearly every host spells them. */
export function commonEntry({ command: [command, ...args], env }: Registration): Plain {
  return { command, args, ...(Object.keys(env).length === 0 ? {} : { env }) };
}
