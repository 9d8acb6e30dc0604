/**
 * Room `daemon`: one attempt to reach a daemon where it listens, with a verdict. Rule of this file: only "not found" and
 * "refused" mean that nobody is there; never a timeout, which a suspended or busy daemon causes as well.
 *
 * @module
 */
import { AgentAsyncError, messageOf } from "../../domain/errors.ts";
import type { Connection } from "../../service/remote/connection.ts";
import { type ByteStream, FrameChannel } from "../../service/remote/frame_channel.ts";
import { type ClientHello, ServerFrame } from "../../service/wire.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import { Deadline } from "../../system/deadline.ts";

/**
 * - `connected`: greetings have been exchanged.
 * - `absent`: nobody listens; a daemon may be started.
 * - `busy`: somebody is or was there, and it could not be talked to: to be tried again, without starting anything.
 */
export type Dialled =
  | { verdict: "connected"; connection: Connection }
  | { verdict: "absent" }
  | { verdict: "busy"; fault: string };

export interface DialOptions {
  endpoint: Endpoint;
  hello: ClientHello;
  /** Ms for the daemon's greeting; a healthy one needs 1. */
  helloTimeoutMs: number;
}

/**
 * @throws {AgentAsyncError} `daemon_unreachable` when a daemon is there and does not greet in time, or the socket may
 * not be used.
 */
export async function dial({ endpoint, hello, helloTimeoutMs }: DialOptions): Promise<Dialled> {
  const { path } = endpoint;
  let stream: ByteStream;
  try {
    stream = await endpoint.connect(helloTimeoutMs);
  } catch (error) {
    if (error instanceof AgentAsyncError) throw error;
    if (error instanceof Deno.errors.TimedOut) throw silent(path, helloTimeoutMs);
    return notConnected(path, error);
  }
  const channel = new FrameChannel(stream, ServerFrame);
  channel.send({ hello });
  const frames = channel.frames();
  using deadline = new Deadline(helloTimeoutMs, () => channel.close());
  try {
    const first = await frames.next();
    if (first.done !== true && "hello" in first.value) {
      return { verdict: "connected", connection: toConnection(channel, frames, first.value.hello) };
    }
  } catch {
    // What answers there does not speak our language: as good as a closed connection.
  }
  const isLate = deadline.isOver;
  channel.close();
  if (isLate) throw silent(path, helloTimeoutMs);
  return { verdict: "busy", fault: "the connection was closed before the greeting" };
}

function notConnected(path: string, error: unknown): Dialled {
  if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.ConnectionRefused) {
    return { verdict: "absent" };
  }
  const fault = messageOf(error);
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
    throw new AgentAsyncError("daemon_unreachable", `Cannot use the daemon's socket ${path}: ${fault}`, {
      hint: "A sandbox may forbid it: allow unix sockets for agent-async, or run it outside of the sandbox.",
      cause: error,
    });
  }
  return { verdict: "busy", fault };
}

function toConnection(
  channel: FrameChannel<ServerFrame>,
  frames: AsyncGenerator<ServerFrame>,
  hello: Connection["hello"],
): Connection {
  return {
    hello,
    send: (frame) => channel.send(frame),
    frames: () => frames,
    close: () => channel.close(),
  };
}

function silent(path: string, ms: number): AgentAsyncError {
  return new AgentAsyncError(
    "daemon_unreachable",
    `A daemon listens on ${path}, but has not answered for ${ms / 1000} s.`,
    {
      hint: "It may be suspended (continue it with kill -CONT and the pid in daemon.lock) or overloaded. " +
        "If it stays so, end that process: running jobs go on, and the next call starts a new daemon.",
    },
  );
}
