/**
 * Room `daemon`: every name that is used in the state directory, and how much each is trusted. Rule of this file: every
 * process of ours that reaches for a daemon, or is one, comes by here before it follows, sends or writes anything.
 *
 * @module
 */
import { pathIn } from "../../system/files/paths.ts";
import { AgentAsyncError } from "../../domain/errors.ts";
import { type TrustedKind, whyUntrusted } from "../../system/files/trusted_path.ts";

const NAMES: Readonly<Record<string, TrustedKind>> = {
  "daemon.lock": "grown",
  "daemon.log": "grown",
  "daemon.stderr": "grown",
  "queue.ledger": "grown",
  "queue.db.clean": "grown",
  "queue.db.broken": "grown",
  "daemon.sock": "socket",
  "daemon.socket": "own",
  "daemon.address": "own",
  "daemon.starting": "own",
  "daemon.error": "own",
  "daemon.next": "own",
  "on_finish.cursor": "own",
  "on_question.cursor": "own",
  "person.seen": "own",
  "queue.ledger.1": "own",
  "queue.db.recovered": "own",
  "queue.db-wal": "own",
  "queue.db-shm": "own",
  "day_budget.json": "own",
  "config.last.json": "own",
  "config.json": "linkable",
  "queue.db": "database",
  jobs: "directory",
  exits: "directory",
  environments: "directory",
  places: "directory",
  snapshots: "directory",
  patches: "directory",
};

/**
 * Looks at whatever is in the directory, since a later version has further names: nothing there may be another user's.
 *
 * @throws {AgentAsyncError} `daemon_unreachable`, naming the file and what is wrong with it.
 */
export function requireTrustedFiles(home: string): void {
  for (const name of new Set([...Object.keys(NAMES), ...namesIn(home)])) {
    const path = pathIn(home, name);
    const problem = whyUntrusted(path, NAMES[name] ?? "linkable");
    if (problem === null) continue;
    throw new AgentAsyncError("daemon_unreachable", `Cannot use ${path}: it ${problem}.`, {
      hint: hintFor(path, home, NAMES[name]),
    });
  }
}

function hintFor(path: string, home: string, kind: TrustedKind | undefined): string {
  const look = `Look at what it is and move it away (mv ${path} ${path}.old): agent-async makes its own.`;
  if (kind === "directory") {
    return `${look} To keep jobs on another disk, move the whole of ${home} there and set AGENT_ASYNC_HOME.`;
  }
  return `${look} If you did not put it there, others could write in ${home} for a while.`;
}

/** Whether this process may write to the path: it is a file of ours, or does not exist. */
export function isTrustedFile(path: string): boolean {
  return whyUntrusted(path, "grown") === null;
}

function namesIn(home: string): string[] {
  try {
    return [...Deno.readDirSync(home)].map(({ name }) => name);
  } catch {
    return [];
  }
}
