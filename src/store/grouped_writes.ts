/**
 * Room `store`: writes that were asked for while another one was under way share one commit, and so one sync of the disk.
 * Rule of this file: each is answered only when the commit that holds it is durable, and fails alone when it is refused.
 *
 * @module
 */
import type { JobWrite, Written } from "./draft.ts";
import type { JobWriter } from "./job_writer.ts";
import type { Serial } from "./records/serial.ts";

/**
 * Most writes in one commit. Deno.Kv takes 819,200 bytes and 100 checks in one; a record has up to 65,536 bytes, and a
 * write has three checks.
 */
const MOST = 8;

interface Waiting extends PromiseWithResolvers<Written> {
  readonly asked: JobWrite;
}

export interface GroupedWritesOptions {
  writer: JobWriter;
  serial: Serial;
  /** Called before each group. When it throws, the group is refused. */
  before: () => void;
  /** Called after each group. */
  after: () => void;
}

export class GroupedWrites {
  readonly #options: GroupedWritesOptions;
  readonly #waiting: Waiting[] = [];

  constructor(options: GroupedWritesOptions) {
    this.#options = options;
  }

  /** Resolves when the write is durable. */
  write(asked: JobWrite): Promise<Written> {
    const waiting = { asked, ...Promise.withResolvers<Written>() };
    this.#waiting.push(waiting);
    // A round for every write: one of them finds this write, and those that find none do nothing.
    void this.#options.serial.run(() => this.#round());
    return waiting.promise;
  }

  async #round(): Promise<void> {
    const group = this.#waiting.splice(0, MOST);
    if (group.length === 0) return;
    try {
      this.#options.before();
    } catch (error) {
      for (const { reject } of group) reject(error);
      return;
    }
    while (group.length > 0) await this.#writeSome(group);
    this.#options.after();
  }

  /** Takes those that are settled from the front of the group: as many as go into one commit. */
  async #writeSome(group: Waiting[]): Promise<void> {
    const { writer } = this.#options;
    const asked = group.map((waiting) => waiting.asked);
    const ends = asked.length > 1 ? await writer.writeTogether(asked) : [];
    if (ends.length === 0) {
      ends.push(...await Promise.allSettled(asked.slice(0, 1).map((one) => writer.write(one))));
    }
    for (const end of ends) {
      const waiting = group.shift();
      if (end.status === "fulfilled") waiting?.resolve(end.value);
      else waiting?.reject(end.reason);
    }
  }
}
