/**
 * Room `agents`: what one Claude Code turn has used, from its `result` lines.
 *
 * `modelUsage` and `total_cost_usd` count subagents and background turns too, which `usage` does not, and grow through
 * the process; after a resume they go on from the session's earlier turns in newer versions (measured in 2.1.329) and
 * begin again in older ones (2.1.197).
 *
 * @module
 */
import {
  addUsage,
  NO_USAGE,
  subtractUsage,
  sumOfCounts,
  totalOf,
  type Usage,
} from "../../domain/turn/usage.ts";
import type { CallUsage, ResultLine } from "./lines.ts";
import { compareVersions } from "../../domain/compare_versions.ts";

/** The newest version known to count from zero again when a session is resumed. */
const LAST_RESTARTING_VERSION = "2.1.197";

export class ClaudeUsage {
  readonly #before: Usage | null;
  #version: string | null = null;
  /** Tokens of the conversation itself, without those of subagents. */
  #conversation: Usage = NO_USAGE;

  /** @param before the session's counters at the end of the turn before; `null` for a new session. */
  constructor(before: Usage | null) {
    this.#before = before;
  }

  ranBy(version: string | undefined): void {
    this.#version = version ?? this.#version;
  }

  /** The turn's usage through this line, and the counters as reported; `null` when nothing was used. */
  take(line: ResultLine): { usage: Usage; session: Usage } | null {
    if (line.usage) {
      this.#conversation = addUsage(
        this.#conversation,
        usageOfCall(line.usage),
      );
    }
    const models = Object.values(line.modelUsage).map(normalised).reduce(addUsage, NO_USAGE);
    const tokens = models.total_tokens === 0 ? this.#conversation : models;
    const cost = line.total_cost_usd ?? null;
    if (tokens.total_tokens === 0 && !cost) return null;
    const session: Usage = cost === null ? tokens : { ...tokens, cost_usd: cost };
    return {
      usage: this.#goesOn(session) ? subtractUsage(session, this.#before ?? NO_USAGE) : session,
      session,
    };
  }

  /** Whether the counters include earlier turns: they are then at least the earlier ones and this turn together. */
  #goesOn(session: Usage): boolean {
    if (this.#before === null) return false;
    if (this.#version !== null && compareVersions(this.#version, LAST_RESTARTING_VERSION) <= 0) return false;
    const least = addUsage(this.#before, this.#conversation);
    const isAtLeast = (name: "input_tokens" | "output_tokens" | "cached_input_tokens") =>
      (session[name] ?? 0) >= (least[name] ?? 0);
    return isAtLeast("input_tokens") && isAtLeast("output_tokens") && isAtLeast("cached_input_tokens");
  }
}

export function usageOfCall(call: CallUsage): Usage {
  return normalised({
    inputTokens: call.input_tokens,
    outputTokens: call.output_tokens,
    cacheReadInputTokens: call.cache_read_input_tokens,
    cacheCreationInputTokens: call.cache_creation_input_tokens,
  });
}

interface Counters {
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly cacheReadInputTokens: number | null;
  readonly cacheCreationInputTokens: number | null;
  readonly thinkingTokens?: number | null | undefined;
}

/** Claude Code counts input, cache reads and cache writes apart; output includes the thinking. */
function normalised(counters: Counters): Usage {
  const { inputTokens, cacheReadInputTokens, cacheCreationInputTokens } = counters;
  const input = sumOfCounts([inputTokens, cacheReadInputTokens, cacheCreationInputTokens]);
  return {
    input_tokens: input,
    cached_input_tokens: counters.cacheReadInputTokens,
    output_tokens: counters.outputTokens,
    ...(counters.thinkingTokens === undefined || counters.thinkingTokens === null
      ? {}
      : { reasoning_tokens: counters.thinkingTokens }),
    total_tokens: totalOf(input, counters.outputTokens),
  };
}
