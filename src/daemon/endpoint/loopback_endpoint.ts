/**
 * Room `daemon`: a daemon at a port of the loopback interface, which every user of the machine can reach. A file that
 * only this user can read holds the port and two secrets: who connects shows one, and the daemon the other.
 *
 * @module
 */
import { join } from "node:path";
import * as z from "zod";
import { AgentAsyncError } from "../../domain/errors.ts";
import type { ByteStream } from "../../service/remote/frame_channel.ts";
import { readTextIfExists, removeIfExists, writeAtomically } from "../../system/files/files.ts";
import { admit, AdmittedStream, closeQuietly, newSecret, Secret } from "../serve/admission.ts";
import type { Accepted, Endpoint, Listening } from "./endpoint.ts";
import { isOwned } from "../serve/owner_lock.ts";
import { ensurePrivateDirectory } from "../trust/private_directory.ts";

const HOSTNAME = "127.0.0.1";

/** Ms between two checks whether the daemon still lives, while its answer is waited for. */
const LOOK_MS = 100;

/** Ms between two such checks while a connection is open. */
const WATCH_MS = 500;

/** Made anew by every daemon: what a stranger learns at the port of a dead one opens nothing. */
const Address = z.object({
  port: z.number().int().min(1).max(65_535),
  /** The secret that a client shows. */
  token: Secret,
  /** The secret that the daemon shows: another program may listen at the port of a dead daemon. */
  answer: Secret,
});
type Address = z.infer<typeof Address>;

/** See `prepareEndpoint`. On Windows modes protect nothing, and a user's profile is what others cannot read. */
export async function prepareLoopback(
  home: string,
  profile: string | undefined = Deno.env.get("USERPROFILE"),
): Promise<Endpoint> {
  await ensurePrivateDirectory(home);
  // The real path: the same directory under two names has one lock and must have one address.
  const realHome = await Deno.realPath(home);
  if (profile === undefined || !isBelow(realHome, await Deno.realPath(profile))) {
    throw new AgentAsyncError("daemon_unreachable", `Cannot use ${home}: it is not in the user's profile.`, {
      hint:
        "Other users may read what lies outside of it: set AGENT_ASYNC_HOME to a directory below %USERPROFILE%.",
    });
  }
  return new LoopbackEndpoint(realHome);
}

/** Whether a path of Windows is inside a directory; both are real paths. */
export function isBelow(path: string, directory: string): boolean {
  const spelled = (text: string) => text.replaceAll("/", "\\").replace(/\\+$/, "").toLowerCase();
  return spelled(path).startsWith(`${spelled(directory)}\\`);
}

export class LoopbackEndpoint implements Endpoint {
  readonly path: string;
  readonly #lockFile: string;

  /** @param home the state directory, of which others can read nothing */
  constructor(home: string) {
    this.path = join(home, "daemon.address");
    this.#lockFile = join(home, "daemon.lock");
  }

  async connect(timeoutMs: number): Promise<ByteStream> {
    const address = readAddress(this.path);
    if (address === null) throw new Deno.errors.NotFound(`no address in ${this.path}`);
    const connection = await Deno.connect({ hostname: HOSTNAME, port: address.port });
    connection.setNoDelay(true);
    // A daemon that is suspended is as silent as a stranger at the port of a dead one, for whom nobody is to wait.
    const look = setInterval(async () => {
      if (!await this.#isOfLiving(address)) closeQuietly(connection);
    }, LOOK_MS);
    const verdict = await admit(connection, address, timeoutMs).finally(() => clearInterval(look));
    if (verdict === "admitted") return new WatchedStream(connection, () => this.#isServed(address));
    closeQuietly(connection);
    if (verdict === "silent" && await this.#isOfLiving(address)) {
      throw new Deno.errors.TimedOut(`nobody answers at port ${address.port}`);
    }
    throw new Deno.errors.ConnectionRefused(`port ${address.port} is not the daemon's any more`);
  }

  /** Whether an address may be that of a daemon that lives: the newest, while somebody holds the lock. */
  async #isOfLiving(address: Address): Promise<boolean> {
    return readAddress(this.path)?.token === address.token && await isOwned(this.#lockFile);
  }

  /** Whether who has this address may still serve: it may have taken it away and be leaving, but it has the lock. */
  async #isServed(address: Address): Promise<boolean> {
    const now = readAddress(this.path);
    return (now === null || now.token === address.token) && await isOwned(this.#lockFile);
  }

  listen(): Promise<Listening> {
    const listener = Deno.listen({ hostname: HOSTNAME, port: 0 });
    const address: Address = { port: listener.addr.port, token: newSecret(), answer: newSecret() };
    writeAtomically(this.path, `${JSON.stringify(address)}\n`);
    return Promise.resolve(new LoopbackListening(this.path, listener, address));
  }
}

/**
 * A connection that ends with its daemon. On Windows a process that the daemon has started inherits what was accepted
 * before: it holds the connection open when the daemon has been killed, and nobody is at the other end.
 */
class WatchedStream implements ByteStream {
  readonly #connection: Deno.TcpConn;
  readonly #watch: ReturnType<typeof setInterval>;

  constructor(connection: Deno.TcpConn, isLiving: () => Promise<boolean>) {
    this.#connection = connection;
    this.#watch = setInterval(async () => {
      if (!await isLiving()) this.close();
    }, WATCH_MS);
    // A front-end that has nothing else to do may leave.
    Deno.unrefTimer(this.#watch);
  }

  read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    return this.#connection.read(buffer);
  }

  write(bytes: Uint8Array<ArrayBuffer>): Promise<number> {
    return this.#connection.write(bytes);
  }

  close(): void {
    clearInterval(this.#watch);
    closeQuietly(this.#connection);
  }
}

class LoopbackListening implements Listening {
  constructor(
    readonly path: string,
    readonly listener: Deno.TcpListener,
    readonly address: Address,
  ) {}

  async accept(): Promise<Accepted> {
    const connection = await this.listener.accept();
    connection.setNoDelay(true);
    return new AdmittedStream(connection, this.address);
  }

  isReachable(): Promise<boolean> {
    return Promise.resolve(readAddress(this.path)?.token === this.address.token);
  }

  close(): void {
    this.listener.close();
  }

  remove(): void {
    if (readAddress(this.path)?.token === this.address.token) removeIfExists(this.path);
  }
}

/** `null` when there is none, or the file is none of ours. */
function readAddress(path: string): Address | null {
  try {
    const address = Address.safeParse(JSON.parse(readTextIfExists(path) ?? ""));
    return address.success ? address.data : null;
  } catch {
    return null;
  }
}
