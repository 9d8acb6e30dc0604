/**
 * Room `agents`: adds up the usage that an agent of the user's own reports.
 *
 * @module
 */
import type { EventMapping } from "../../domain/agent/event_mapping.ts";
import { addUsage, totalOf, type Usage } from "../../domain/turn/usage.ts";
import { sumAt } from "../reading/json_members.ts";

export class MappedUsage {
  /** The turn's usage so far, by the mapping that told it. */
  readonly #told = new Map<EventMapping, Usage>();

  /** The turn's usage with what `part` tells; `null` when it tells nothing, or nothing that counts. */
  take(mapping: EventMapping, part: unknown): Usage | null {
    const used = usageAt(mapping, part);
    if (used === null) return null;
    const before = this.#told.get(mapping);
    if (before !== undefined && mapping.keep === "first") return null;
    this.#told.set(mapping, before === undefined || mapping.keep === "last" ? used : addUsage(before, used));
    return [...this.#told.values()].reduce(addUsage);
  }
}

function usageAt(mapping: EventMapping, part: unknown): Usage | null {
  const input_tokens = rounded(sumAt(part, mapping.input_tokens));
  const cached = rounded(sumAt(part, mapping.cached_input_tokens));
  const output_tokens = rounded(sumAt(part, mapping.output_tokens));
  const cost = sumAt(part, mapping.cost_usd);
  if (input_tokens === null && output_tokens === null && cost === null) return null;
  return {
    input_tokens,
    cached_input_tokens: cached === null ? null : Math.min(cached, input_tokens ?? cached),
    output_tokens,
    total_tokens: totalOf(input_tokens, output_tokens),
    ...(cost === null ? {} : { cost_usd: cost }),
  };
}

function rounded(sum: number | null): number | null {
  return sum === null ? null : Math.round(sum);
}
