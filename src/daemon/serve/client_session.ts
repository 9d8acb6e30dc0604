/**
 * Room `daemon`: one client's connection, from greeting to end. Rule of this file: whatever a client does or does not
 * do, only its own connection suffers.
 *
 * @module
 */
import { AgentAsyncError, invalidArgument, isAgentAsyncError } from "../../domain/errors.ts";
import type { FrameChannel } from "../../service/remote/frame_channel.ts";
import { BadFrame } from "../../service/frame_reader.ts";
import type { Caller } from "../../service/call.ts";
import { answerCall, type Target } from "../../service/answer_call.ts";
import { isMethodName, type MethodName, METHODS } from "../../service/methods.ts";
import {
  type CallFrame,
  type ClientFrame,
  type ClientHello,
  PROTOCOL,
  type ServerHello,
  toWireError,
} from "../../service/wire.ts";
import type { Log } from "../../system/log.ts";
import type { Peer } from "../../system/processes/socket_peer.ts";
import { MAX_OPEN_CALLS, OpenCalls } from "./open_calls.ts";
import { Deadline, within } from "../../system/deadline.ts";

/** Ms for the greeting: a connection that says nothing would keep the daemon from ever being idle. */
const GREETING_MS = 30_000;

export interface ClientSessionOptions {
  channel: FrameChannel<ClientFrame>;
  /** The client's process, as the operating system tells; `null` where it does not. */
  peer: Peer | null;
  target: Target;
  hello: ServerHello;
  log: Log;
  /** Ms for the greeting, 30,000 unless told. */
  greetingMs?: number;
}

export class ClientSession {
  readonly #options: ClientSessionOptions;
  readonly #calls = new OpenCalls();
  #client: ClientHello | null = null;
  /** The process whose calls these are. */
  #caller: Caller = { pid: null, claimedJob: null };
  #leaving = false;

  constructor(options: ClientSessionOptions) {
    this.#options = options;
  }

  /** Whether the client has said who it is. */
  get hasGreeted(): boolean {
    return this.#client !== null;
  }

  /** Resolves when the client is gone. Reads are given up then; a change that has begun runs to its end. */
  async serve(): Promise<void> {
    const { channel, log, greetingMs = GREETING_MS } = this.#options;
    using _silent = new Deadline(greetingMs, () => {
      if (this.#client === null) channel.close();
    });
    try {
      for await (const frame of channel.frames()) {
        this.#receive(frame);
        // A client that asks and does not read is not read from either.
        await channel.roomy();
      }
    } catch (error) {
      if (!(error instanceof BadFrame)) throw error;
      log.warn("connection ended for a bad frame", { fault: error.message, client: this.#client?.pid });
    } finally {
      channel.close();
      this.#calls.giveUp();
    }
  }

  /**
   * Answers what is in flight and takes nothing new: reads are told `handover` at once, so that their clients ask the
   * next daemon; changes may take `drainMs` ms.
   */
  async leave(drainMs: number): Promise<void> {
    this.#leaving = true;
    this.#calls.giveUp("read");
    await within(drainMs, this.#calls.answered());
    for (const id of this.#calls.ids()) this.#answer({ id, error: toWireError(handover()) });
    await within(drainMs, this.#options.channel.flushed());
  }

  close(): void {
    this.#options.channel.close();
  }

  #receive(frame: ClientFrame): void {
    if ("other" in frame) {
      // A greeting comes first in every version of the protocol: whoever sends another frame first speaks none.
      if (this.#client === null) this.close();
      return;
    }
    if ("hello" in frame) return this.#greet(frame.hello);
    if ("cancel" in frame) return this.#calls.giveUpOne(frame.cancel);
    const { id, method, params } = frame;
    if (!isMethodName(method)) {
      return this.#refuse(id, invalidArgument("method", `there is no method ${JSON.stringify(method)}`));
    }
    const refusal = this.#refusal(id, method);
    if (refusal !== null) return this.#refuse(id, refusal);
    this.#calls.begin(id, METHODS[method].kind, (signal) => this.#run({ id, method, params }, signal));
  }

  #greet(client: ClientHello): void {
    this.#client = client;
    // The system's word is preferred: a pid that the client claims may be another process's, or of another container.
    const { peer } = this.#options;
    const pid = peer === null ? client.pid : peer.pid;
    this.#caller = { pid, claimedJob: client.job_id ?? null };
    this.#answer({ hello: this.#options.hello });
  }

  #refuse(id: number, refusal: AgentAsyncError): void {
    this.#answer({ id, error: toWireError(refusal) });
  }

  #refusal(id: number, method: MethodName): AgentAsyncError | null {
    if (this.#calls.has(id)) {
      return invalidArgument("id", `${id} is in use by a call that is not answered yet`);
    }
    if (this.#client === null) return invalidArgument("hello", "must be the first frame of a connection");
    if (this.#calls.isFull) {
      return new AgentAsyncError("conflict", `This client has ${MAX_OPEN_CALLS} calls open already.`);
    }
    if (METHODS[method].kind === "control") return null;
    if (this.#leaving) return handover();
    return this.#client.protocol === PROTOCOL ? null : wrongProtocol(this.#client, this.#options.hello);
  }

  async #run(
    { id, method, params }: CallFrame & { method: MethodName },
    signal: AbortSignal,
  ): Promise<void> {
    const { target, log } = this.#options;
    try {
      const result = await answerCall(target, method, params, { signal, caller: this.#caller });
      this.#answer({ id, result });
    } catch (error) {
      if (!(error instanceof AgentAsyncError)) log.error("call failed unexpectedly", { method, error });
      const givenUp = this.#leaving && isAgentAsyncError(error, "cancelled");
      this.#answer({ id, error: toWireError(givenUp ? handover() : error) });
    }
  }

  #answer(frame: unknown): void {
    this.#options.channel.send(frame);
  }
}

function handover(): AgentAsyncError {
  return new AgentAsyncError("handover", "This daemon is leaving; the same call reaches the next one.");
}

function wrongProtocol(client: ClientHello, server: ServerHello): AgentAsyncError {
  return new AgentAsyncError(
    "daemon_unreachable",
    client.protocol < server.protocol
      ? `This session was started by agent-async ${client.version}, and the daemon is ${server.version} by now: ` +
        "restart the session of this host."
      : `The daemon (version ${server.version}) speaks protocol ${server.protocol}, ` +
        `this client (version ${client.version}) speaks ${client.protocol}.`,
    client.protocol < server.protocol ? {} : { hint: "Update agent-async, then restart this session." },
  );
}
