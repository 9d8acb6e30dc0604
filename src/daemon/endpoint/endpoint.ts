/**
 * Room `daemon`: where the daemon of a state directory listens: a unix socket, or a port of this machine where there
 * are no such sockets. Rule of both: only processes of this user get a byte of service.
 *
 * @module
 */
import type { ByteStream } from "../../service/remote/frame_channel.ts";
import type { Peer } from "../../system/processes/socket_peer.ts";

export interface Endpoint {
  /** The file by which the daemon is found. It exists while a daemon listens, and after one that died. */
  readonly path: string;
  /**
   * @param timeoutMs for a daemon that is there and must say who it is
   * @throws Deno.errors.NotFound, Deno.errors.ConnectionRefused when nobody is there; Deno.errors.TimedOut when
   * somebody is who does not answer
   */
  connect(timeoutMs: number): Promise<ByteStream>;
  /** Begins to listen. The caller holds the owner lock, so a socket or file that exists is a dead daemon's. */
  listen(): Promise<Listening>;
}

/** The daemon's end of a connection. */
export interface Accepted extends ByteStream {
  /** The process at the other end; `null` where the system does not tell. */
  readonly peer: Peer | null;
}

/** A daemon's side of its endpoint. */
export interface Listening {
  accept(): Promise<Accepted>;
  /** Whether a new client would find it: somebody may have removed its file, or the whole directory. */
  isReachable(): Promise<boolean>;
  /** No new connections; {@link accept} throws. */
  close(): void;
  /** Takes the file away, after `close` and when the last `accept` has ended; one of another daemon stays. */
  remove(): void;
}
