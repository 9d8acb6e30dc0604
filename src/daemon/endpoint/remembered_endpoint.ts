/**
 * Room `daemon`: a daemon at a unix socket outside of its state directory, whose path is too long for one. Every
 * daemon makes a directory of a new random name, so that nobody can have taken it, and the state directory remembers it.
 *
 * @module
 */
import { AgentAsyncError, messageOf } from "../../domain/errors.ts";
import { nameOf, parentOf, pathIn } from "../../system/files/paths.ts";
import { ifOurs, PRIVATE_DIRECTORY_MODE, removeIfExists, writeAtomically } from "../../system/files/files.ts";
import { whyUntrusted } from "../../system/files/trusted_path.ts";
import type { Endpoint, Listening } from "./endpoint.ts";
import { readRememberedSocket, rememberedSocketFile } from "./remembered_socket.ts";
import { fitsSocket } from "./socket_path.ts";
import { UnixEndpoint } from "./unix_endpoint.ts";

const DIRECTORY_PREFIX = "agent-async-";
const SOCKET_NAME = "daemon.sock";

/** Where every user may make a directory of his own. Not TMPDIR, which may be as long as the state directory. */
const PUBLIC_PLACE = "/tmp";

export class RememberedEndpoint implements Endpoint {
  readonly path: string;

  /**
   * @param home the real path of a state directory of this user's alone
   * @param runtime the user's own directory for sockets, where the system has one: better than the public place, in
   * which an agent may write from inside of its sandbox
   */
  constructor(readonly home: string, readonly runtime = Deno.env.get("XDG_RUNTIME_DIR")) {
    this.path = rememberedSocketFile(home);
  }

  async connect(): Promise<Deno.UnixConn> {
    const remembered = readRememberedSocket(this.home);
    if (remembered === null || !isPrivate(parentOf(remembered.path))) {
      throw new Deno.errors.NotFound(`no socket is named in ${this.path}`);
    }
    const inode = ifOurs(() => Deno.lstatSync(remembered.path))?.ino ?? null;
    if (inode !== remembered.inode) throw new Deno.errors.NotFound(`${remembered.path} is another socket`);
    return await new UnixEndpoint(remembered.path).connect();
  }

  async listen(): Promise<Listening> {
    const before = readRememberedSocket(this.home);
    if (before !== null) removePlace(before.path);
    const path = pathIn(makePlace(this.runtime), SOCKET_NAME);
    const listening = await new UnixEndpoint(path).listen();
    writeAtomically(this.path, `${JSON.stringify({ path, inode: Deno.lstatSync(path).ino })}\n`);
    return new RememberedListening(this.home, path, listening);
  }
}

class RememberedListening implements Listening {
  constructor(readonly home: string, readonly socket: string, readonly listening: Listening) {}

  accept() {
    return this.listening.accept();
  }

  async isReachable(): Promise<boolean> {
    return readRememberedSocket(this.home)?.path === this.socket && await this.listening.isReachable();
  }

  close(): void {
    this.listening.close();
  }

  remove(): void {
    this.listening.remove();
    removePlace(this.socket);
    if (readRememberedSocket(this.home)?.path === this.socket) {
      removeIfExists(rememberedSocketFile(this.home));
    }
  }
}

/** @throws {AgentAsyncError} `daemon_unreachable` when no directory can be made. */
function makePlace(runtime: string | undefined): string {
  const name = `${DIRECTORY_PREFIX}${crypto.randomUUID().replaceAll("-", "").slice(0, 16)}`;
  const isOurs = runtime !== undefined && runtime.startsWith("/") && isPrivate(runtime) &&
    fitsSocket(pathIn(runtime, name, SOCKET_NAME));
  for (const parent of isOurs ? [runtime, PUBLIC_PLACE] : [PUBLIC_PLACE]) {
    const place = pathIn(parent, name);
    try {
      // `mkdir` fails where the name is taken, so nobody else can have made this directory.
      Deno.mkdirSync(place, { mode: PRIVATE_DIRECTORY_MODE });
      // The umask may have taken bits from the mode above.
      Deno.chmodSync(place, PRIVATE_DIRECTORY_MODE);
      return place;
    } catch (error) {
      if (parent !== PUBLIC_PLACE) continue;
      throw new AgentAsyncError("daemon_unreachable", `Cannot create ${place}: ${messageOf(error)}`, {
        hint: "Set AGENT_ASYNC_HOME to a shorter path: its socket then lies in it.",
        cause: error,
      });
    }
  }
  throw new Error("Cannot happen: the public place was tried");
}

/** What an earlier daemon has left; never anything but a directory of ours, and the socket in it. */
function removePlace(socket: string): void {
  const place = parentOf(socket);
  if (!nameOf(place).startsWith(DIRECTORY_PREFIX) || !isPrivate(place)) return;
  ifOurs(() => removeIfExists(socket));
  try {
    Deno.removeSync(place);
  } catch {
    // Not empty: somebody put a file into it. It stays.
  }
}

function isPrivate(path: string): boolean {
  const info = ifOurs(() => Deno.lstatSync(path));
  return info !== null && info.isDirectory && ((info.mode ?? 0) & 0o077) === 0 && info.uid === Deno.uid() &&
    whyUntrusted(path, "directory") === null;
}
