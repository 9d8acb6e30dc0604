/**
 * Room `service`: one call to whichever daemon is there. Rule of this file: a daemon that goes away during a call is
 * replaced and the call sent again, a bounded number of times; what is sent must therefore be safe to send twice.
 *
 * @module
 */
import { AgentAsyncError, isAgentAsyncError } from "../../domain/errors.ts";
import type { Clock } from "../../system/clock.ts";
import { type Log, silentLog } from "../../system/log.ts";
import type { Connection } from "./connection.ts";
import { ConnectionLost, gaveUp, RemoteSession } from "./session.ts";

export interface RemoteOptions {
  /** Reaches a daemon, starting one where there is none. Throws `AgentAsyncError` when that cannot be done. */
  connect: (signal: AbortSignal) => Promise<Connection>;
  clock: Clock;
  log?: Log;
  /** Ms between two looks at a silent connection, 10,000 unless told. */
  lookMs?: number;
}

/** Sendings of one call that may be lost in quick succession. A call that loses more is likely what kills the daemons. */
const MAX_LOSSES = 5;

/** Ms after which a lost sending does not count with the earlier ones: a long wait may outlive many daemons. */
const FORGET_LOSSES_MS = 10_000;

export class RemoteCaller {
  readonly #options: RemoteOptions;
  readonly #closing = new AbortController();
  #session: RemoteSession | null = null;
  #connecting: Promise<RemoteSession> | null = null;

  constructor(options: RemoteOptions) {
    this.#options = options;
  }

  /**
   * @param paramsNow what to send at this moment: the time that remains of a wait shrinks with every sending.
   * @throws {AgentAsyncError}
   */
  async call(method: string, paramsNow: () => unknown, signal?: AbortSignal): Promise<unknown> {
    for (let losses = 0;;) {
      const session = await this.#reach(signal, { wasSent: losses > 0 });
      const sentAt = this.#options.clock.steady();
      try {
        return await session.ask(method, paramsNow(), signal);
      } catch (error) {
        if (!isLoss(error)) throw error;
        // A daemon that hands over still answers what it was asked before; new calls go to its successor.
        this.#drop(session);
        const livedMs = this.#options.clock.steady() - sentAt;
        losses = livedMs > FORGET_LOSSES_MS ? 1 : losses + 1;
        (this.#options.log ?? silentLog).info("call lost, sending it again", { method, losses });
        if (losses >= MAX_LOSSES) throw unreachable(method, losses, error);
      }
    }
  }

  /**
   * Once, on the present or a new connection, and never again: for calls that end the daemon.
   * @returns the connection that was asked; it ends when that daemon does.
   */
  async callOnce(method: string, params: unknown, signal?: AbortSignal): Promise<RemoteSession> {
    const session = await this.#reach(signal);
    try {
      await session.ask(method, params, signal);
    } catch (error) {
      if (!isLoss(error)) throw error;
    }
    if (this.#session === session) this.#session = null;
    return session;
  }

  close(): void {
    this.#closing.abort();
    this.#session?.close();
    this.#session = null;
  }

  async #reach(signal: AbortSignal | undefined, { wasSent = false } = {}): Promise<RemoteSession> {
    if (this.#session?.isUsable === true) return this.#session;
    this.#connecting ??= this.#connect().finally(() => this.#connecting = null);
    return await orGivenUp(this.#connecting, signal, wasSent ? gaveUp : neverSent);
  }

  async #connect(): Promise<RemoteSession> {
    const connection = await this.#options.connect(this.#closing.signal);
    const { lookMs } = this.#options;
    const session = new RemoteSession(connection, lookMs === undefined ? {} : { lookMs });
    if (this.#closing.signal.aborted) session.close();
    this.#session = session;
    return session;
  }

  #drop(session: RemoteSession): void {
    session.retire();
    if (this.#session === session) this.#session = null;
  }
}

function isLoss(error: unknown): boolean {
  return error instanceof ConnectionLost || isAgentAsyncError(error, "handover");
}

function unreachable(method: string, losses: number, cause: unknown): AgentAsyncError {
  return new AgentAsyncError(
    "daemon_unreachable",
    `The daemon went away ${losses} times in a row while it was asked to ${method}.`,
    { hint: "See daemon.log in the state directory; `agent-async doctor` checks it.", cause },
  );
}

function neverSent(): AgentAsyncError {
  return new AgentAsyncError("cancelled", "The call was given up before a daemon had it: nothing was done.");
}

/** The value, or `fault` when the signal fires first; the promise itself goes on for its other callers. */
async function orGivenUp<Value>(
  promise: Promise<Value>,
  signal: AbortSignal | undefined,
  fault: () => AgentAsyncError,
): Promise<Value> {
  if (signal === undefined) return await promise;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const giveUp = () => reject(fault());
  if (signal.aborted) giveUp();
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}
