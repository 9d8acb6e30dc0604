/**
 * Room `daemon`: a daemon at a unix socket. Its directory (0700, this user's) is what keeps others out, and who owns
 * the file is looked at before anything is sent.
 *
 * @module
 */
import { AgentAsyncError } from "../../domain/errors.ts";
import { ifExists, PRIVATE_FILE_MODE, removeIfExists } from "../../system/files/files.ts";
import { whyUntrusted } from "../../system/files/trusted_path.ts";
import { SocketPeers } from "../../system/processes/socket_peer.ts";
import type { Accepted, Endpoint, Listening } from "./endpoint.ts";

export class UnixEndpoint implements Endpoint {
  /** @param path in a directory of this user's alone */
  constructor(readonly path: string) {}

  /** Nothing is sent to a socket that another user owns: he would read prompts and keys. */
  async connect(): Promise<Deno.UnixConn> {
    const problem = whyUntrusted(this.path, "socket");
    if (problem !== null) {
      throw new AgentAsyncError("daemon_unreachable", `Cannot use ${this.path}: it ${problem}.`, {
        hint: "Look at what it is, and remove it.",
      });
    }
    return await Deno.connect({ transport: "unix", path: this.path });
  }

  async listen(): Promise<Listening> {
    const { path } = this;
    removeIfExists(path);
    const listener = Deno.listen({ transport: "unix", path });
    await Deno.chmod(path, PRIVATE_FILE_MODE);
    return new UnixListening(path, listener, (await Deno.lstat(path)).ino);
  }
}

class UnixListening implements Listening {
  readonly #peers = new SocketPeers();

  constructor(
    readonly path: string,
    readonly listener: Deno.UnixListener,
    readonly inode: number | null,
  ) {}

  async accept(): Promise<Accepted> {
    const connection = await this.listener.accept();
    return {
      peer: this.#peers.newest(),
      read: (buffer) => connection.read(buffer),
      write: (bytes) => connection.write(bytes),
      close: () => connection.close(),
    };
  }

  async isReachable(): Promise<boolean> {
    try {
      return (await Deno.lstat(this.path)).ino === this.inode;
    } catch {
      return false;
    }
  }

  close(): void {
    this.listener.close();
  }

  /** Removes the socket file, which not every version of Deno does. A file of another inode is another daemon's. */
  remove(): void {
    const inode = ifExists(() => Deno.lstatSync(this.path))?.ino;
    if (inode !== undefined && inode === this.inode) removeIfExists(this.path);
  }
}
