/**
 * Room `scheduler`: the record that an agent keeps of its own session, looked up where its driver says it is. Rule of this
 * file: it only adds to what is known; a record that is not there, or not readable, is none.
 *
 * @module
 */
import { join } from "node:path";
import type { AgentDriver } from "../../agents/driver.ts";
import type { SessionRecord } from "../../agents/session_record.ts";
import type { EventBody } from "../../domain/event/event.ts";
import { subtractUsage, type Usage } from "../../domain/turn/usage.ts";
import { ifOurs, readTail } from "../../system/files/files.ts";

/** Bytes at the end of a record: the newest count is among its last lines, of which some hold a command's output. */
const TAIL_BYTES = 4 * 1024 * 1024;

export interface UntoldUsage {
  readonly driver: Pick<AgentDriver, "sessionRecord">;
  /** `null` when none was begun. */
  readonly sessionId: string | null;
  /** The turn's. */
  readonly env: Readonly<Record<string, string>>;
  /** Epoch ms. */
  readonly startedAt: number;
  /** What the session had used before the turn; `null` for a new one. */
  readonly before: Usage | null;
}

/** What a turn has used that failed or was ended before its agent said so, as its event; none when nobody knows. */
export function usageInRecord({ driver, sessionId, env, startedAt, before }: UntoldUsage): EventBody[] {
  const record = sessionId === null ? null : driver.sessionRecord?.(sessionId, env) ?? null;
  const total = record === null ? null : recordedUsage(record, startedAt);
  if (total === null) return [];
  const usage = before === null ? total : subtractUsage(total, before);
  return [{ type: "usage", usage, session_usage: total }];
}

/** What the session has used in all, as its record says; `null` when that says nothing since `startedAt` (epoch ms). */
function recordedUsage(record: SessionRecord, startedAt: number): Usage | null {
  for (const directory of record.directories) {
    const names = ifOurs(() => [...Deno.readDirSync(directory)].map(({ name }) => name)) ?? [];
    const name = names.find((one) => record.isNamed(one));
    if (name === undefined) continue;
    return ifOurs(() => record.readUsage(readTail(join(directory, name), TAIL_BYTES), startedAt));
  }
  return null;
}
