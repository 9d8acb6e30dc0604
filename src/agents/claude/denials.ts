/**
 * Room `agents`: calls that Claude Code did not allow. Its run goes on after a denial and can end in success, so
 * whoever reads the job's result is told of them.
 *
 * @module
 */
import type { EventBody } from "../../domain/event/event_body.ts";
import type { ResultLine } from "./lines.ts";
import { describeCall } from "./tools.ts";

/** Calls that one warning describes; of the others it tells the number. */
const MOST_DESCRIBED = 5;

export class ClaudeDenials {
  /** Ids of calls that were told: the list in a `result` line repeats those of the lines before. */
  readonly #told = new Set<string>();

  /** Nobody needs to be told of this one. */
  leaveOut(toolUseId: string): void {
    this.#told.add(toolUseId);
  }

  /** A warning about the denied calls of a `result` line that no earlier line had; none when there are none. */
  take(line: ResultLine): EventBody[] {
    const calls = line.permission_denials.filter(({ tool_use_id: id }) => id === "" || !this.#told.has(id));
    if (calls.length === 0) return [];
    for (const { tool_use_id: id } of calls) this.#told.add(id);
    const described = calls.slice(0, MOST_DESCRIBED)
      .map((call) => describeCall(call.tool_name, call.tool_input)).join("; ");
    const more = calls.length > MOST_DESCRIBED ? ` and ${calls.length - MOST_DESCRIBED} more` : "";
    return [{ type: "warning", message: `Not allowed under this approval policy: ${described}${more}` }];
  }
}
