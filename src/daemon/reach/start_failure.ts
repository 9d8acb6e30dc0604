/**
 * Room `daemon`: why a daemon could not start, left for the front-end that started it. The daemon has no terminal and
 * no pipe, so a file is how it can say so.
 *
 * @module
 */
import { pathIn } from "../../system/files/paths.ts";
import * as z from "zod";
import type { AgentAsyncError } from "../../domain/errors.ts";
import { fromWireError, toWireError, WireError } from "../../service/wire.ts";
import { writeAtomically } from "../../system/files/files.ts";

const StartFailure = z.object({ pid: z.number().int(), at: z.number(), error: WireError });

function failurePath(home: string): string {
  return pathIn(home, "daemon.error");
}

/** Written whole or not at all. Never throws: the failure that it reports must not be hidden by one of its own. */
export function writeStartFailure(home: string, error: unknown, at: number): void {
  const failure: z.infer<typeof StartFailure> = { pid: Deno.pid, at, error: toWireError(error) };
  try {
    writeAtomically(failurePath(home), JSON.stringify(failure));
  } catch {
    // A state directory that cannot be written: the front-end says that it could not start a daemon.
  }
}

/**
 * A failure between two times (epoch ms): an older one says nothing about the present attempt, and one from the future
 * was written before the clock was set back.
 */
export async function readStartFailure(
  home: string,
  { since, until }: { since: number; until: number },
): Promise<AgentAsyncError | null> {
  try {
    const failure = StartFailure.parse(JSON.parse(await Deno.readTextFile(failurePath(home))));
    return failure.at >= since && failure.at <= until ? fromWireError(failure.error) : null;
  } catch {
    return null;
  }
}

export async function clearStartFailure(home: string): Promise<void> {
  await Deno.remove(failurePath(home)).catch(() => {});
}
