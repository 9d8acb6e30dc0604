/**
 * Room `system`: identifies the process at the other end of a unix socket by what the kernel reports, not by what the
 * peer claims. Deno does not expose the descriptors of its sockets. The descriptor of a new connection is therefore
 * found by comparing the open sockets of this process before and after.
 *
 * @module
 */
import { type SocketLibrary, socketLibrary } from "./libc.ts";

export interface Peer {
  /** `null` for a process in a container whose pids are not visible here. */
  pid: number | null;
  uid: number;
}

const DESCRIPTORS = "/proc/self/fd";

/** Constants of Linux, the same on every processor that Deno supports. */
const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
const NOBODY = -1;

/**
 * Tracks the open sockets of this process. {@link SocketPeers.newest} must be called after each `accept`, before any
 * other socket is opened.
 */
export class SocketPeers {
  /** The socket behind each descriptor at the last call. */
  #known = new Map<string, string>();

  constructor() {
    this.newest();
  }

  /** The peer of the socket that was accepted since the last call; `null` when it cannot be determined. */
  newest(): Peer | null {
    const library = Deno.build.os === "linux" ? socketLibrary() : null;
    if (library === null) return null;
    const sockets = openSockets();
    const fresh = [...sockets].filter(([fd, socket]) => this.#known.get(fd) !== socket);
    this.#known = sockets;
    const peers = fresh.map(([fd]) => peerOf(Number(fd), library)).filter((peer) => peer !== null);
    // A socket whose peer is this process itself is not a client's.
    const others = peers.filter(({ pid }) => pid !== Deno.pid);
    return others.length === 1 ? others[0] ?? null : null;
  }
}

function openSockets(): Map<string, string> {
  const sockets = new Map<string, string>();
  try {
    for (const { name } of Deno.readDirSync(DESCRIPTORS)) {
      const target = readLink(`${DESCRIPTORS}/${name}`);
      if (target.startsWith("socket:")) sockets.set(name, target);
    }
  } catch {
    // Without `/proc` no peer can be identified.
  }
  return sockets;
}

/**
 * The target of a link; "" for a descriptor that is closed by now, such as the one of the directory listing.
 */
function readLink(path: string): string {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return "";
  }
}

function peerOf(fd: number, library: SocketLibrary): Peer | null {
  // The fields of `struct ucred`: pid, uid, gid.
  const credentials = new Int32Array(3);
  const length = new Uint32Array([credentials.byteLength]);
  const code = library.getsockopt(fd, SOL_SOCKET, SO_PEERCRED, new Uint8Array(credentials.buffer), length);
  const [pid = 0, uid = NOBODY] = credentials;
  // An unconnected socket has no peer, and reports the user id -1.
  return code === 0 && uid !== NOBODY ? { pid: pid > 0 ? pid : null, uid: uid >>> 0 } : null;
}
