/**
 * Room `service`: an open connection to a daemon, greetings exchanged, as `RemoteService` sees it. Who makes it (the
 * `daemon` room over a unix socket, a test over nothing) is of no concern here.
 *
 * @module
 */
import type { ClientFrame, ServerFrame, ServerHello } from "../wire.ts";

export interface Connection {
  /** What the daemon said of itself. */
  readonly hello: ServerHello;
  /**
   * Never blocks; on a closed connection it does nothing, since {@link Connection.frames} has ended.
   * @throws {AgentAsyncError} `invalid_argument` for a frame over the limit, which is not sent.
   */
  send(frame: ClientFrame): void;
  /** Ends when the connection does, for whatever reason. To be iterated once. */
  frames(): AsyncIterable<ServerFrame>;
  close(): void;
}
