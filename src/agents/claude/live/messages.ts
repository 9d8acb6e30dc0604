/**
 * Room `agents`: the messages that a turn has said to Claude Code, and how far each has come.
 *
 * Claude Code takes a message at the next pause of its work: between two calls of the model, where it becomes a part of
 * the answer that is being made, or after the answer, where it gets one of its own. So the number of results says
 * nothing. What counts is the echo of each message, which comes when the model gets to know it, and that a result
 * follows the last echo.
 *
 * @module
 */
export class ClaudeMessages {
  /** Keys of what was said and not echoed yet, by the message's id, in the order of saying. */
  readonly #awaited = new Map<string, string>();
  readonly #turnId: string;
  #isWorking = false;

  /** @param turnId a random UUID: the ids of messages are made from it and must not come twice in a session */
  constructor(turnId: string) {
    this.#turnId = turnId;
  }

  /** Whether every message was taken and has its result. */
  get areAnswered(): boolean {
    return this.#awaited.size === 0 && !this.#isWorking;
  }

  /** Whether there are messages that the model does not know yet. */
  get areAwaited(): boolean {
    return this.#awaited.size > 0;
  }

  /** @param key names the message in this turn. @returns its id */
  say(key: string): string {
    const uuid = uuidOf(this.#turnId, key);
    this.#awaited.set(uuid, key);
    return uuid;
  }

  /** The key of a message of this turn that was not taken yet. */
  keyOf(uuid: string): string | null {
    return this.#awaited.get(uuid) ?? null;
  }

  /** The id of the message that is to be taken next. */
  next(): string | null {
    const [oldest] = this.#awaited;
    return oldest?.[0] ?? null;
  }

  /** The model knows the message. */
  take(uuid: string): void {
    if (this.#awaited.delete(uuid)) this.#isWorking = true;
  }

  /** The message will never be taken. */
  drop(uuid: string): void {
    this.#awaited.delete(uuid);
  }

  /**
   * A result has come.
   *
   * @returns the key of the message that it must belong to, when none was echoed before it; a failure at the very
   * beginning comes without an echo
   */
  end(): string | null {
    if (this.#isWorking) {
      this.#isWorking = false;
      return null;
    }
    const oldest = this.next();
    const key = oldest === null ? null : this.keyOf(oldest);
    if (oldest !== null) this.#awaited.delete(oldest);
    return key;
  }
}

/**
 * The turn's own id, with its last 12 digits by the key: a daemon that resumes the turn gives a message the same id.
 */
function uuidOf(turnId: string, key: string): string {
  const digits = [0x811c9dc5, 0xcbf29ce4].map((seed) => hash32(key, seed).toString(16).padStart(8, "0")).join(
    "",
  );
  return `${turnId.slice(0, -12)}${digits.slice(0, 12)}`;
}

/** FNV-1a. */
function hash32(text: string, seed: number): number {
  let hash = seed;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
