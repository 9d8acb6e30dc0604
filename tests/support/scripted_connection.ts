/**
 * A connection whose other end is a function of the test: it sees every call and answers, refuses, stays silent or
 * drops the connection.
 */
import type { Connection } from "../../src/service/remote/connection.ts";
import { type CallFrame, type ClientFrame, PROTOCOL, type ServerFrame } from "../../src/service/wire.ts";

/** What happens to a call: `drop` ends the connection, `ignore` leaves it open. */
export type Answer = { result: unknown } | { error: { code: string; message: string } } | "drop" | "ignore";

export class ScriptedConnection implements Connection {
  readonly hello = {
    protocol: PROTOCOL,
    version: "1.0.0",
    pid: 4242,
    started_at: "2026-01-01T00:00:00.000Z",
  };
  readonly sent: ClientFrame[] = [];
  isClosed = false;
  readonly #answer: (call: CallFrame) => Answer;
  readonly #frames: ReadableStream<ServerFrame>;
  #controller: ReadableStreamDefaultController<ServerFrame> | undefined;

  constructor(answer: (call: CallFrame) => Answer) {
    this.#answer = answer;
    this.#frames = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
    });
  }

  send(frame: ClientFrame): void {
    if (this.isClosed) return;
    this.sent.push(frame);
    if (!("method" in frame)) return;
    const answer = this.#answer(frame);
    if (answer === "drop") this.close();
    else if (answer !== "ignore") this.push({ id: frame.id, ...answer });
  }

  push(frame: ServerFrame): void {
    this.#controller?.enqueue(frame);
  }

  frames(): AsyncIterable<ServerFrame> {
    return this.#frames;
  }

  close(): void {
    if (!this.isClosed) this.#controller?.close();
    this.isClosed = true;
  }
}
