/**
 * Room `agents`: what a turn of Claude Code has used while it goes on, for whoever keeps a budget. A call of the model
 * tells its input when it begins, and its output only in the result; until then the output is estimated by what was
 * written.
 *
 * @module
 */
import { addUsage, NO_USAGE, totalOf, type Usage } from "../../domain/turn/usage.ts";
import type { AssistantLine } from "./lines.ts";
import { usageOfCall } from "./usage.ts";

/** A common estimate for English and code. */
const CHARS_PER_TOKEN = 4;

interface Call {
  readonly told: Usage;
  chars: number;
}

export class UsageSoFar {
  /** What the results of the turn have told by now. */
  #told: Usage = NO_USAGE;
  /** Calls of the model since the last result, by id. */
  readonly #calls = new Map<string, Call>();

  /** Takes a line of a call. What was used by then, where the line is the first of its call; else `null`. */
  take({ message: { id, usage, content } }: AssistantLine): Usage | null {
    if (id === undefined || !usage) return null;
    const known = this.#calls.get(id);
    const call = known ?? { told: usageOfCall(usage), chars: 0 };
    call.chars += content.reduce<number>((chars, block) => chars + JSON.stringify(block).length, 0);
    this.#calls.set(id, call);
    return known === undefined && (call.told.total_tokens ?? 0) > 0 ? this.#sum() : null;
  }

  /** @param usage of the turn, by its newest result; `null` where that tells none */
  end(usage: Usage | null): void {
    this.#told = usage ?? this.#sum();
    this.#calls.clear();
  }

  #sum(): Usage {
    return [...this.#calls.values()].map(estimated).reduce(addUsage, this.#told);
  }
}

function estimated({ told, chars }: Call): Usage {
  const output = Math.max(told.output_tokens ?? 0, Math.ceil(chars / CHARS_PER_TOKEN));
  return { ...told, output_tokens: output, total_tokens: totalOf(told.input_tokens, output) };
}
