/**
 * Room `daemon`: a daemon at a unix socket. Deno does not tell which user is at the other end of one, so its directory
 * (0700, this user's) is what keeps others out.
 *
 * @module
 */
import { ifExists, PRIVATE_FILE_MODE, removeIfExists } from "../system/files.ts";
import type { Endpoint, Listening } from "./endpoint.ts";

export class UnixEndpoint implements Endpoint {
  /** @param path in a directory made by `prepareSocketPath` */
  constructor(readonly path: string) {}

  async connect(): Promise<Deno.UnixConn> {
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
  constructor(
    readonly path: string,
    readonly listener: Deno.UnixListener,
    readonly inode: number | null,
  ) {}

  accept(): Promise<Deno.UnixConn> {
    return this.listener.accept();
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

  /** Not every version of Deno removes it. One of another inode belongs to somebody else. */
  remove(): void {
    const inode = ifExists(() => Deno.lstatSync(this.path))?.ino;
    if (inode !== undefined && inode === this.inode) removeIfExists(this.path);
  }
}
