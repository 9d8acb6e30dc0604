/**
 * Room `service`: the calls of one connection, matched by id. Rule of this file: every call ends, with an answer, with
 * {@link ConnectionLost}, or because the daemon has stopped answering anything.
 *
 * @module
 */
import { AgentAsyncError } from "../../domain/errors.ts";
import type { Connection } from "./connection.ts";
import { fromWireError, type ServerFrame } from "../wire.ts";

/** The connection ended before the answer: the call may or may not have been carried out. */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
}

/** Ms between two looks at a connection with open calls. */
const LOOK_MS = 10_000;

/**
 * Looks without any frame after which the daemon counts as hung; a ping went out after the first. Counted in looks,
 * not in time: a front-end that was itself stopped for an hour has had one look.
 */
const SILENT_LOOKS = 4;

interface OpenCall {
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

export class RemoteSession {
  readonly #connection: Connection;
  readonly #lookMs: number;
  #calls = new Map<number, OpenCall>();
  #lastId = 0;
  #looks: ReturnType<typeof setInterval> | undefined;
  #silentLooks = 0;
  #ended: Error | null = null;
  #retired = false;
  readonly #end = Promise.withResolvers<void>();

  constructor(connection: Connection, options: { lookMs?: number } = {}) {
    this.#connection = connection;
    this.#lookMs = options.lookMs ?? LOOK_MS;
    void this.#listen();
  }

  /** Whether a new call may be made on it. */
  get isUsable(): boolean {
    return this.#ended === null && !this.#retired;
  }

  /** Resolves when the connection has ended. */
  get ended(): Promise<void> {
    return this.#end.promise;
  }

  /**
   * @throws {ConnectionLost}; {@link AgentAsyncError} as the daemon sent it, `cancelled` when `signal` was aborted,
   * `daemon_unreachable` when the daemon has stopped answering.
   */
  async ask(method: string, params: unknown, signal?: AbortSignal): Promise<unknown> {
    if (this.#ended !== null) throw this.#ended;
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const giveUp = () => {
      this.#connection.send({ cancel: id });
      reject(gaveUp());
    };
    if (signal?.aborted === true) throw gaveUp();
    this.#connection.send({ id, method, params });
    this.#calls.set(id, { resolve, reject });
    this.#look();
    signal?.addEventListener("abort", giveUp, { once: true });
    try {
      return await promise;
    } finally {
      signal?.removeEventListener("abort", giveUp);
      this.#calls.delete(id);
      this.#rest();
    }
  }

  /** No more calls; the open ones go on, and the connection closes after the last. */
  retire(): void {
    this.#retired = true;
    this.#rest();
  }

  close(): void {
    this.#finish(new ConnectionLost("the connection was closed"));
  }

  async #listen(): Promise<void> {
    try {
      for await (const frame of this.#connection.frames()) this.#receive(frame);
      this.#finish(new ConnectionLost("the daemon closed the connection"));
    } catch (cause) {
      this.#finish(new ConnectionLost("the daemon sent what is no frame", { cause }));
    }
  }

  #receive(frame: ServerFrame): void {
    this.#silentLooks = 0;
    if (!("id" in frame)) return;
    const call = this.#calls.get(frame.id);
    if ("error" in frame) call?.reject(fromWireError(frame.error));
    else call?.resolve(frame.result);
  }

  /** Looks after the daemon as long as a call is open: a wait of 100 s and a hung daemon are both silent. */
  #look(): void {
    if (this.#looks !== undefined) return;
    this.#silentLooks = 0;
    this.#looks = setInterval(() => {
      this.#silentLooks += 1;
      if (this.#silentLooks >= SILENT_LOOKS) this.#finish(hung(this.#connection.hello.pid));
      else this.#connection.send({ id: ++this.#lastId, method: "ping", params: {} });
    }, this.#lookMs);
  }

  #rest(): void {
    if (this.#calls.size > 0) return;
    clearInterval(this.#looks);
    this.#looks = undefined;
    if (this.#retired) this.close();
  }

  #finish(error: Error): void {
    if (this.#ended !== null) return;
    this.#ended = error;
    clearInterval(this.#looks);
    this.#connection.close();
    for (const call of this.#calls.values()) call.reject(error);
    this.#end.resolve();
  }
}

/** The error of a call that was sent before its caller gave it up. */
export function gaveUp(): AgentAsyncError {
  return new AgentAsyncError("cancelled", "The call was given up; the job is not touched by that.");
}

function hung(pid: number): AgentAsyncError {
  return new AgentAsyncError("daemon_unreachable", `The daemon (pid ${pid}) has stopped answering.`, {
    hint: `If it is suspended, continue it with: kill -CONT ${pid}. Otherwise end it with: kill -9 ${pid}; ` +
      "running jobs go on without it, and the next call starts a new one.",
  });
}
