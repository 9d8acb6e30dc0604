/**
 * Room `mcp`: the answers of batches. What came in one array is answered in one, when every request of it has been
 * answered or cancelled; a batch without requests gets no answer at all.
 *
 * @module
 */
import type { RequestId } from "./json_rpc.ts";

interface Batch {
  readonly open: Set<RequestId>;
  readonly answers: unknown[];
}

export class Batches {
  readonly #byId = new Map<RequestId, Batch>();

  /**
   * @param ids of the requests in it.
   * @param answers what is known already: refusals of what is no request.
   * @returns the whole answer where nothing is left to wait for, else `null`.
   */
  open(ids: readonly RequestId[], answers: readonly unknown[]): unknown[] | null {
    const batch = { open: new Set(ids), answers: [...answers] };
    for (const id of batch.open) this.#byId.set(id, batch);
    return whole(batch);
  }

  /** Whether this request came in a batch, so that its answer belongs into an array. */
  has(id: unknown): id is RequestId {
    return (typeof id === "string" || typeof id === "number") && this.#byId.has(id);
  }

  /** @returns the whole answer when this was the last one, else `null`. */
  answer(id: RequestId, message: unknown): unknown[] | null {
    const batch = this.#byId.get(id);
    if (batch === undefined) return null;
    batch.answers.push(message);
    return this.#close(id, batch);
  }

  /** The request gets no answer. @returns as {@link answer}. */
  drop(id: RequestId): unknown[] | null {
    const batch = this.#byId.get(id);
    return batch === undefined ? null : this.#close(id, batch);
  }

  #close(id: RequestId, batch: Batch): unknown[] | null {
    this.#byId.delete(id);
    batch.open.delete(id);
    return whole(batch);
  }
}

function whole({ open, answers }: Batch): unknown[] | null {
  return open.size === 0 && answers.length > 0 ? answers : null;
}
