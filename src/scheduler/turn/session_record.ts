/**
 * Room `scheduler`: reads the usage of a turn from the record that an agent keeps of its own session. The driver says
 * where that record is. Rule of this file: a record that is missing or unreadable is no error.
 *
 * @module
 */
import { join } from "node:path";
import type { AgentDriver } from "../../agents/driver.ts";
import type { SessionRecord } from "../../agents/session_record.ts";
import type { EventBody } from "../../domain/event/event_body.ts";
import { subtractUsage, type Usage } from "../../domain/turn/usage.ts";
import { ifOurs, readTail } from "../../system/files/files.ts";

/** Bytes read at the end of a record. The newest count is in its last lines, but a command's output can be long. */
const TAIL_BYTES = 4 * 1024 * 1024;

export interface UntoldUsage {
  readonly driver: Pick<AgentDriver, "sessionRecord">;
  /** The agent's session; `null` when none was begun. */
  readonly sessionId: string | null;
  /** Environment of the turn. */
  readonly env: Readonly<Record<string, string>>;
  /** When the turn began, epoch ms. */
  readonly startedAt: number;
  /** What the session had used before the turn; `null` for a new one. */
  readonly before: Usage | null;
}

/** The usage event of a turn that ended before its agent reported its usage; empty when the record has no count. */
export function usageInRecord({ driver, sessionId, env, startedAt, before }: UntoldUsage): EventBody[] {
  const record = sessionId === null ? null : driver.sessionRecord?.(sessionId, env) ?? null;
  const total = record === null ? null : recordedUsage(record, startedAt);
  if (total === null) return [];
  const usage = before === null ? total : subtractUsage(total, before);
  return [{ type: "usage", usage, session_usage: total }];
}

/** What the whole session has used; `null` when its record has no count since `startedAt` (epoch ms). */
function recordedUsage(record: SessionRecord, startedAt: number): Usage | null {
  for (const directory of record.directories) {
    const names = ifOurs(() => [...Deno.readDirSync(directory)].map(({ name }) => name)) ?? [];
    const name = names.find((one) => record.isNamed(one));
    if (name === undefined) continue;
    return ifOurs(() => record.readUsage(readTail(join(directory, name), TAIL_BYTES), startedAt));
  }
  return null;
}
