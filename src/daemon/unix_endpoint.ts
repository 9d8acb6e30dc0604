/**
 * Room `daemon`: a daemon at a unix socket. Deno does not tell which user is at the other end of one, so its directory
 * (0700, this user's) is what keeps others out.
 *
 * @module
 */
import type { Endpoint, Listening } from "./endpoint.ts";

export class UnixEndpoint implements Endpoint {
  /** @param path in a directory made by `prepareSocketPath` */
  constructor(readonly path: string) {}

  async connect(): Promise<Deno.UnixConn> {
    return await Deno.connect({ transport: "unix", path: this.path });
  }

  async listen(): Promise<Listening> {
    const { path } = this;
    await Deno.remove(path).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
    const listener = Deno.listen({ transport: "unix", path });
    await Deno.chmod(path, 0o600);
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
    try {
      if (Deno.lstatSync(this.path).ino === this.inode) Deno.removeSync(this.path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}
