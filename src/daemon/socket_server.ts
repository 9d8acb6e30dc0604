/**
 * Room `daemon`: the unix socket and those who are connected to it. Deno does not tell which user is at the other end
 * of a unix socket, so its directory (0700, this user's) is what keeps others out.
 *
 * @module
 */
import { type ChannelLimits, FrameChannel } from "../service/frame_channel.ts";
import type { Target } from "../service/methods.ts";
import { ClientFrame, type ServerHello } from "../service/wire.ts";
import type { Log } from "../system/log.ts";
import { ClientSession } from "./client_session.ts";

export interface SocketServerOptions {
  /** In a directory made by `prepareSocketPath`. The caller holds the owner lock, so a socket there is a dead one. */
  path: string;
  target: Target;
  hello: ServerHello;
  log: Log;
  limits?: Partial<ChannelLimits>;
  /** As of {@link ClientSession}. */
  greetingMs?: number;
}

export class SocketServer {
  readonly #options: SocketServerOptions;
  readonly #listener: Deno.UnixListener;
  readonly #sessions = new Set<ClientSession>();
  readonly #inode: number | null;
  readonly #accepting: Promise<void>;
  #closed = false;

  private constructor(options: SocketServerOptions, listener: Deno.UnixListener, inode: number | null) {
    this.#options = options;
    this.#listener = listener;
    this.#inode = inode;
    this.#accepting = this.#accept();
  }

  static async listen(options: SocketServerOptions): Promise<SocketServer> {
    await Deno.remove(options.path).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
    const listener = Deno.listen({ transport: "unix", path: options.path });
    await Deno.chmod(options.path, 0o600);
    return new SocketServer(options, listener, (await Deno.lstat(options.path)).ino);
  }

  get clients(): number {
    return this.#sessions.size;
  }

  /** Whether those who come find this server: somebody may have removed its socket, or the whole directory. */
  async isReachable(): Promise<boolean> {
    try {
      return (await Deno.lstat(this.#options.path)).ino === this.#inode;
    } catch {
      return false;
    }
  }

  /** No new connections, and no socket: those who come from now on look for the next daemon. */
  async stopAccepting(): Promise<void> {
    if (!this.#closed) this.#listener.close();
    this.#closed = true;
    // Deno removes the socket when the last `accept` has let go of the listener, whoever's socket it is by then: the
    // lock must not go to the next daemon before that.
    await this.#accepting;
    this.#removeSocket();
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

  /** Not every version of Deno removes it. One of another inode belongs to somebody else. */
  #removeSocket(): void {
    const { path, log } = this.#options;
    try {
      if (Deno.lstatSync(path).ino === this.#inode) Deno.removeSync(path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) log.warn("cannot remove the socket", { path, error });
    }
  }

  async #accept(): Promise<void> {
    while (!this.#closed) {
      try {
        void this.#serve(await this.#listener.accept());
      } catch (error) {
        if (this.#closed) return;
        // Out of file descriptors, or a client that left while it was accepted: the next one may fare better.
        this.#options.log.warn("cannot accept a connection", { error });
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  async #serve(connection: Deno.UnixConn): Promise<void> {
    const { limits, ...others } = this.#options;
    const channel = new FrameChannel(connection, ClientFrame, limits);
    const session = new ClientSession({ channel, ...others });
    this.#sessions.add(session);
    try {
      await session.serve();
    } catch (error) {
      this.#options.log.error("connection ended unexpectedly", { error });
    } finally {
      this.#sessions.delete(session);
    }
  }
}
