/**
 * Room `system`: who is at the other end of a unix socket, as the system tells and not as he says. Deno does not hand
 * out the descriptors of its sockets, so the one that has just come is found among all of this process.
 *
 * @module
 */
import { type SocketLibrary, socketLibrary } from "./libc.ts";

export interface Peer {
  /** `null` for one in a container whose processes have no number here. */
  pid: number | null;
  uid: number;
}

const DESCRIPTORS = "/proc/self/fd";

/** Linux, on every processor that Deno runs on. */
const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
const NOBODY = -1;

/** The sockets of this process; to be asked after each `accept`, with no other in between. */
export class SocketPeers {
  /** The descriptors seen so far, with the socket that each was. */
  #known = new Map<string, string>();

  constructor() {
    this.newest();
  }

  /** Who is at the socket that was accepted since the last call; `null` where that cannot be told. */
  newest(): Peer | null {
    const library = Deno.build.os === "linux" ? socketLibrary() : null;
    if (library === null) return null;
    const sockets = openSockets();
    const fresh = [...sockets].filter(([fd, socket]) => this.#known.get(fd) !== socket);
    this.#known = sockets;
    const peers = fresh.map(([fd]) => peerOf(Number(fd), library)).filter((peer) => peer !== null);
    // Not one of a pair that this process has made for itself.
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
    // No /proc: then nobody is told apart.
  }
  return sockets;
}

/** "" for a descriptor that is gone by now, as the one of the listing itself is. */
function readLink(path: string): string {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return "";
  }
}

function peerOf(fd: number, library: SocketLibrary): Peer | null {
  // struct ucred: pid, uid, gid.
  const credentials = new Int32Array(3);
  const length = new Uint32Array([credentials.byteLength]);
  const code = library.getsockopt(fd, SOL_SOCKET, SO_PEERCRED, new Uint8Array(credentials.buffer), length);
  const [pid = 0, uid = NOBODY] = credentials;
  // A socket that nobody is connected to has no user either.
  return code === 0 && uid !== NOBODY ? { pid: pid > 0 ? pid : null, uid: uid >>> 0 } : null;
}
