/**
 * Room `agents`: messages and thoughts of an ACP agent, which come in pieces, as one event each.
 *
 * @module
 */
import type { EventBody } from "../../domain/event/event_body.ts";
import { isBlank } from "../reading/said.ts";

type Kind = "message" | "reasoning";

export interface Piece {
  readonly kind: Kind;
  /** The agent's id of the message; `null` where it gives none. */
  readonly id: string | null;
  readonly text: string;
}

export class MessagePieces {
  #kind: Kind = "message";
  #id: string | null = null;
  #pieces: string[] = [];

  /** @returns the message before, if this piece begins another one */
  add({ kind, id, text }: Piece): EventBody[] {
    if (text === "") return [];
    const isOther = kind !== this.#kind || (id !== null && this.#id !== null && id !== this.#id);
    const before = isOther ? this.take() : [];
    this.#kind = kind;
    this.#id = id ?? this.#id;
    this.#pieces.push(text);
    return before;
  }

  /** The whole text of a message takes the place of its pieces so far. */
  replace(piece: Piece): EventBody[] {
    if (piece.id !== null && piece.id === this.#id && piece.kind === this.#kind) this.#pieces = [];
    return this.add(piece);
  }

  /** What was held back; it ends here. */
  take(): EventBody[] {
    const text = this.#pieces.join("");
    this.#pieces = [];
    this.#id = null;
    return isBlank(text) ? [] : [{ type: this.#kind, text }];
  }
}
