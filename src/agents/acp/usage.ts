/**
 * Room `agents`: tokens and money as agents that speak ACP tell them. The protocol leaves open whether cached tokens are
 * part of the input, and over what the counts run.
 *
 * @module
 */
import * as z from "zod";
import { addUsage, subtractUsage, totalOf, UNKNOWN_USAGE, type Usage } from "../../domain/turn/usage.ts";
import type { EventBody } from "../../domain/event/event_body.ts";
import type { Dialect } from "./dialects.ts";
import { TokenCount } from "../reading/token_count.ts";

const Counts = z.object({
  inputTokens: TokenCount,
  outputTokens: TokenCount,
  totalTokens: TokenCount,
  thoughtTokens: TokenCount,
  cachedReadTokens: TokenCount,
  cachedWriteTokens: TokenCount,
});

/** In the answer to a prompt. Gemini CLI tells nothing else; adapters tell both. */
const Quota = z.object({
  _meta: z.object({
    quota: z.object({ token_count: z.object({ input_tokens: TokenCount, output_tokens: TokenCount }) }),
  }),
});

const WithUsage = z.object({ usage: Counts });

/** Qwen Code tells each model call in an empty piece of a message. */
const InPiece = z.object({ _meta: WithUsage });

const Cost = z.object({ cost: z.object({ amount: z.number().nonnegative(), currency: z.literal("USD") }) });

export class AcpUsage {
  readonly #before: Usage | null;
  #ofPieces: Usage | null = null;
  /** Dollars of the whole session, as told last. */
  #sessionCost: number | null = null;

  /** @param before the session's usage up to this turn */
  constructor(before: Usage | null) {
    this.#before = before;
  }

  /** A piece of a message: the sum so far, when the piece tells of a model call. */
  piece(update: unknown): EventBody[] {
    const { data } = InPiece.safeParse(update);
    if (data === undefined) return [];
    const call = usageOf(data._meta.usage);
    this.#ofPieces = this.#ofPieces === null ? call : addUsage(this.#ofPieces, call);
    return [{ type: "usage", usage: this.#ofPieces }];
  }

  /** A `usage_update`, which tells of the context's size and sometimes of money. */
  update(update: unknown): void {
    this.#sessionCost = Cost.safeParse(update).data?.cost.amount ?? this.#sessionCost;
  }

  /** @param scope over what the agent's counts run */
  answer(result: unknown, scope: Dialect["usage"]): EventBody[] {
    const told = answered(result);
    if (scope === "call" || told === null) {
      // The sum so far was told with the last piece.
      return this.#ofPieces === null || this.#sessionCost === null ? [] : [this.#event(this.#ofPieces, null)];
    }
    if (scope !== "session") return [this.#event(this.#ofPieces ?? told, null)];
    return [this.#event(this.#before === null ? told : subtractUsage(told, this.#before), told)];
  }

  #event(usage: Usage, session: Usage | null): EventBody {
    const cost = this.#sessionCost;
    if (cost === null) {
      return { type: "usage", usage, ...(session === null ? {} : { session_usage: session }) };
    }
    const before = this.#before;
    const total = session ?? (before === null ? usage : addUsage(before, usage));
    return {
      type: "usage",
      usage: { ...usage, cost_usd: Math.max(0, cost - (before?.cost_usd ?? 0)) },
      session_usage: { ...total, cost_usd: cost },
    };
  }
}

/** Whether the answer to a prompt counts tokens. */
export function countsTokens(result: unknown): boolean {
  return answered(result) !== null;
}

function answered(result: unknown): Usage | null {
  const counts = WithUsage.safeParse(result).data?.usage;
  if (counts !== undefined) return usageOf(counts);
  const quota = Quota.safeParse(result).data?._meta.quota.token_count;
  if (quota === undefined) return null;
  const { input_tokens, output_tokens } = quota;
  return {
    ...UNKNOWN_USAGE,
    input_tokens,
    output_tokens,
    total_tokens: totalOf(input_tokens, output_tokens),
  };
}

/** Whether cached tokens and thoughts are apart from input and output is seen in the agent's own total. */
function usageOf(counts: z.infer<typeof Counts>): Usage {
  const { inputTokens: input, outputTokens: output, thoughtTokens: thoughts, cachedReadTokens: cached } =
    counts;
  const apart = (counts.totalTokens ?? 0) > (input ?? 0) + (output ?? 0);
  const input_tokens = input === null || !apart
    ? input
    : input + (cached ?? 0) + (counts.cachedWriteTokens ?? 0);
  const output_tokens = output === null || !apart ? output : output + (thoughts ?? 0);
  return {
    input_tokens,
    cached_input_tokens: cached,
    output_tokens,
    ...(thoughts === null || thoughts === 0 ? {} : { reasoning_tokens: thoughts }),
    total_tokens: totalOf(input_tokens, output_tokens),
  };
}
