/**
 * Room `daemon`: those who are connected to the daemon, wherever it listens.
 *
 * @module
 */
import { type ChannelLimits, FrameChannel } from "../../service/remote/frame_channel.ts";
import type { Target } from "../../service/answer_call.ts";
import { ClientFrame, type ServerHello } from "../../service/wire.ts";
import type { Log } from "../../system/log.ts";
import { ClientSession } from "./client_session.ts";
import type { Accepted, Endpoint, Listening } from "../endpoint/endpoint.ts";
import { pause } from "../../system/pause.ts";

/**
 * Connections at once that have not said who they are. One more ends the one that has been silent for longest: each
 * takes a file descriptor, of which macOS gives a process 256, and a greeting comes at once.
 */
export const MAX_SILENT = 100;

export interface SocketServerOptions {
  /** The caller holds the owner lock. */
  endpoint: Endpoint;
  target: Target;
  hello: ServerHello;
  log: Log;
  limits?: Partial<ChannelLimits>;
  /** Ms for a client's greeting; see {@link ClientSession}. */
  greetingMs?: number;
}

export class SocketServer {
  readonly #options: SocketServerOptions;
  readonly #listening: Listening;
  readonly #sessions = new Set<ClientSession>();
  readonly #accepting: Promise<void>;
  #closed = false;

  private constructor(options: SocketServerOptions, listening: Listening) {
    this.#options = options;
    this.#listening = listening;
    this.#accepting = this.#accept();
  }

  static async listen(options: SocketServerOptions): Promise<SocketServer> {
    return new SocketServer(options, await options.endpoint.listen());
  }

  get clients(): number {
    return this.#sessions.size;
  }

  /** See {@link Listening.isReachable}. */
  async isReachable(): Promise<boolean> {
    return await this.#listening.isReachable();
  }

  /** No new connections, and nothing to find: those who come from now on look for the next daemon. */
  async stopAccepting(): Promise<void> {
    if (!this.#closed) this.#listening.close();
    this.#closed = true;
    // Deno removes a socket when the last `accept` has let go of the listener, whoever's socket it is by then: the
    // lock must not go to the next daemon before that.
    await this.#accepting;
    try {
      this.#listening.remove();
    } catch (error) {
      this.#options.log.warn("cannot remove the socket", { path: this.#options.endpoint.path, error });
    }
  }

  /** Answers what is in flight, waiting at most twice `drainMs` ms; connections stay open. */
  async leave(drainMs: number): Promise<void> {
    await this.stopAccepting();
    await Promise.all([...this.#sessions].map((session) => session.leave(drainMs)));
  }

  /** Last of all: a client takes the end of its connection as the sign that the next daemon can start. */
  disconnect(): void {
    for (const session of this.#sessions) session.close();
  }

  async #accept(): Promise<void> {
    while (!this.#closed) {
      try {
        void this.#serve(await this.#listening.accept());
      } catch (error) {
        if (this.#closed) return;
        // Out of file descriptors, or a client that left while it was accepted: the next one may fare better.
        this.#options.log.warn("cannot accept a connection", { error });
        await pause(100);
      }
    }
  }

  #endSilent(): void {
    const silent = [...this.#sessions].filter((session) => !session.hasGreeted);
    for (const session of silent.slice(0, Math.max(0, silent.length - MAX_SILENT))) session.close();
  }

  async #serve(connection: Accepted): Promise<void> {
    const { limits, ...others } = this.#options;
    const { peer } = connection;
    // A process of another user gets nothing, whatever the file modes were. The superuser could read all files anyway.
    if (peer !== null && peer.uid !== 0 && peer.uid !== Deno.uid()) {
      this.#options.log.warn("another user has connected", { ...peer });
      return connection.close();
    }
    const channel = new FrameChannel(connection, ClientFrame, limits);
    const session = new ClientSession({ channel, peer, ...others });
    this.#sessions.add(session);
    this.#endSilent();
    try {
      await session.serve();
    } catch (error) {
      this.#options.log.error("connection ended unexpectedly", { error });
    } finally {
      this.#sessions.delete(session);
    }
  }
}
