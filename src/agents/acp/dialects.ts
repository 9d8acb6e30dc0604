/**
 * Room `agents`: what some agents do in ways of their own where the protocol leaves it open, by the name that each gives
 * itself when it greets. An agent that is not here is taken by the protocol's word.
 *
 * @module
 */

export interface Dialect {
  /**
   * Over what the counts in the answer to a prompt run. `call`: the last model call alone, so that they are not the
   * turn's. Without it: the turn.
   */
  readonly usage?: "session" | "call";
  /** A piece of a message that is no word of the model's, and tells nothing. */
  readonly chatter?: RegExp;
  /** A piece that tells of a failure after which the agent tries again. */
  readonly retry?: RegExp;
  /** Names of notifications of its own that tell nothing. */
  readonly noise?: RegExp;
  /**
   * A piece by which it tells a failure that ends the turn. It says then that the turn has ended well, but counts no
   * tokens.
   */
  readonly failure?: RegExp;
  /** After such a failure it may count the tokens of what it did before. */
  readonly failsWithUsage?: true;
}

const DIALECTS: Readonly<Record<string, Dialect>> = {
  Copilot: {
    usage: "session",
    chatter: /^Info: (?!.*\bretry)/i,
    retry: /^Info: .*\bretry/i,
    failure: /^Error: /,
  },
  // By its source. What its counts run over differs by version: a call, or the session.
  goose: {
    usage: "call",
    failure: /^Ran into this error: [^]*\n\nPlease retry\b/,
    failsWithUsage: true,
  },
  OpenCode: { usage: "call" },
  Kilo: { usage: "call" },
  "qwen-code": { noise: /^qwen\/notify\// },
  "pi-acp": {
    chatter: /^(?:pi v\d\S*\n---|Retry finished, resuming\.$)/,
    retry: /^Retrying \(attempt \d+\/\d+/,
  },
};

const NONE: Dialect = {};

/** @param name what the agent calls itself */
export function dialectOf(name: string): Dialect {
  return Object.hasOwn(DIALECTS, name) ? DIALECTS[name] ?? NONE : NONE;
}
