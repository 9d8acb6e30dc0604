/**
 * Room `agents`: what a turn of `codex app-server` has used so far. Codex counts over the whole thread; the threads of
 * sub-agents are counted by themselves, and cost the same money.
 *
 * @module
 */
import * as z from "zod";
import { addUsage, subtractUsage, totalOf, type Usage } from "../../../domain/turn/usage.ts";
import { TokenCount } from "../../reading/token_count.ts";

const Counts = z.object({
  inputTokens: TokenCount,
  cachedInputTokens: TokenCount,
  outputTokens: TokenCount,
  reasoningOutputTokens: TokenCount,
}).transform((counts): Usage => ({
  input_tokens: counts.inputTokens,
  cached_input_tokens: counts.cachedInputTokens,
  output_tokens: counts.outputTokens,
  ...(counts.reasoningOutputTokens === null ? {} : { reasoning_tokens: counts.reasoningOutputTokens }),
  total_tokens: totalOf(counts.inputTokens, counts.outputTokens),
}));

export const TokenUsage = z.object({
  threadId: z.string(),
  turnId: z.string().catch(""),
  tokenUsage: z.object({ total: Counts, last: Counts }),
});
export type TokenUsage = z.infer<typeof TokenUsage>;

export interface Used {
  /** Of this turn alone, with that of its sub-agents. */
  readonly usage: Usage;
  /** Of the turn's own thread since it began. */
  readonly session_usage: Usage;
}

export class TurnUsage {
  #base: Usage | null;
  #total: Usage | null = null;
  /** Of sub-agents: their threads' newest totals, and what was used of them in this turn. */
  readonly #others = new Map<string, Usage>();
  #ofOthers: Usage | null = null;

  /** @param base what the thread had used before the turn, as the turn before it reported; `null` for a new one */
  constructor(base: Usage | null) {
    this.#base = base;
  }

  /**
   * The total of a continued thread, which Codex repeats before the turn begins. It is nearer to the truth than what an
   * earlier turn of the job has reported, since a person may have gone on with the session.
   */
  repeated({ tokenUsage: { total } }: TokenUsage): void {
    if (this.#total === null) this.#base = total;
  }

  counted({ tokenUsage: { total } }: TokenUsage): void {
    this.#total = total;
  }

  countedOfOther({ threadId, tokenUsage: { total, last } }: TokenUsage): void {
    const before = this.#others.get(threadId);
    this.#others.set(threadId, total);
    const used = before === undefined ? last : subtractUsage(total, before);
    this.#ofOthers = this.#ofOthers === null ? used : addUsage(this.#ofOthers, used);
  }

  /** `null` as long as Codex has counted nothing of this turn. */
  get used(): Used | null {
    const total = this.#total;
    if (total === null) return null;
    const own = this.#base === null ? total : subtractUsage(total, this.#base);
    return {
      usage: this.#ofOthers === null ? own : addUsage(own, this.#ofOthers),
      session_usage: total,
    };
  }
}
