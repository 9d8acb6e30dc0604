/**
 * Room `daemon`: the life of a daemon. Rule of this file: order. The lock first, then everything behind it; on leaving
 * the socket first, the lock next to last, and the connections last, as the sign that the next daemon can start.
 *
 * @module
 */
import { join } from "node:path";
import { isoTime } from "../../domain/job/ids.ts";
import type { ServiceDoor } from "../../service/job_service.ts";
import { PROTOCOL, type ServerHello } from "../../service/wire.ts";
import { type Clock, systemClock } from "../../system/clock.ts";
import type { Log } from "../../system/log.ts";
import { Control } from "./control.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import { prepareEndpoint } from "../endpoint/prepare_endpoint.ts";
import { idle } from "./idle.ts";
import { forgetLastWords, logLastWords } from "./last_words.ts";
import { Leaving } from "./leaving.ts";
import { OwnerLock } from "./owner_lock.ts";
import { SocketServer } from "./socket_server.ts";
import { clearStartFailure, writeStartFailure } from "../reach/start_failure.ts";
import { clearStartMark } from "../reach/start_mark.ts";
import { requireSupportedSystem } from "./supported_system.ts";
import { isTrustedFile } from "../trust/trusted_files.ts";
import { announceSuccessor, clearSuccession } from "./succession.ts";
import { guardProcess } from "./process_guard.ts";
import { within } from "../../system/deadline.ts";

/** What a daemon serves, with everything behind it. */
export interface Composition {
  service: ServiceDoor;
  /** Leaves running jobs to themselves and closes the store. */
  close(): Promise<void>;
  /** Pending and running jobs. */
  activeJobs(): number;
  /** @throws where jobs cannot use git */
  requireGit(): Promise<void>;
}

export interface DaemonOptions {
  home: string;
  version: string;
  /** Seconds without jobs and clients after which it leaves. */
  idleSeconds: number;
  /** Opens the store, adopts what runs, and so on. Called with the owner lock held. */
  compose: (home: string, leave: (cause: string) => void) => Promise<Composition>;
  log: Log;
  clock?: Clock;
  /** Where it is to listen: the system's choice unless a test has its own. */
  endpoint?: (home: string) => Promise<Endpoint>;
}

/** Ms that an owner which is leaving is waited for. */
const PREDECESSOR_MS = 2_000;

/** Ms for calls in flight that change something, on leaving: a start takes 10, a cancel up to 10,000. */
const DRAIN_MS = 12_000;

/** Ms for closing what was composed. */
const CLOSE_MS = 10_000;

/**
 * Resolves with `left` when it has served and left, with `not_owner` when another daemon owns the directory. The
 * process should exit then: see {@link OwnerLock.acquire}.
 * @throws what keeps it from starting; the front-end that waits for it is told as well.
 */
export async function runDaemon(options: DaemonOptions): Promise<"left" | "not_owner"> {
  const { home, version, log, clock = systemClock } = options;
  requireSupportedSystem();
  try {
    const endpoint = await (options.endpoint ?? prepareEndpoint)(home);
    using lock = await OwnerLock.acquire(join(home, "daemon.lock"), {
      version,
      waitMs: PREDECESSOR_MS,
      giveUp: () => exists(endpoint.path),
    });
    if (lock === null) return "not_owner";
    return await serve(options, endpoint, lock);
  } catch (error) {
    // A daemon.log that is no file of ours may be a link: nothing is written to it.
    if (isTrustedFile(join(home, "daemon.log"))) log.error("daemon cannot start", { error });
    writeStartFailure(home, error, clock.now());
    throw error;
  }
}

async function serve(options: DaemonOptions, endpoint: Endpoint, lock: OwnerLock): Promise<"left"> {
  const { home, log, clock = systemClock } = options;
  const leaving = new Leaving();
  logLastWords(home, log);
  using _guard = guardProcess({ log, leave: (cause) => leaving.begin(cause) });
  await using stack = new AsyncDisposableStack();
  const composition = await options.compose(home, (cause) => leaving.begin(cause));
  stack.defer(() => closeComposition(composition, log));
  const server = await open(options, { endpoint, composition, leaving, clock });
  await Promise.all([clearStartFailure(home), clearStartMark(home), clearSuccession(home)]);
  log.info("daemon started", { version: options.version, home, path: endpoint.path });
  await untilLeaving(options, { composition, server, leaving, clock });
  log.info("daemon leaves", { cause: leaving.cause });
  if (leaving.successor !== null) {
    announceSuccessor(home, leaving.successor, clock.now());
  }
  await server.leave(DRAIN_MS);
  await stack.disposeAsync();
  forgetLastWords(home);
  lock.release();
  server.disconnect();
  return "left";
}

interface Life {
  composition: Composition;
  leaving: Leaving;
  clock: Clock;
}

async function open(options: DaemonOptions, life: Life & { endpoint: Endpoint }): Promise<SocketServer> {
  const { home, version, log } = options;
  const { service } = life.composition;
  const startedAt = life.clock.now();
  const begun = life.clock.steady();
  const hello: ServerHello = { protocol: PROTOCOL, version, pid: Deno.pid, started_at: isoTime(startedAt) };
  const control = new Control({
    home,
    version,
    startedAt,
    upMs: () => life.clock.steady() - begun,
    service,
    clients: () => server.clients,
    requireGit: () => life.composition.requireGit(),
    leave: (cause, successor) => life.leaving.begin(cause, successor),
  });
  const server = await SocketServer.listen({
    endpoint: life.endpoint,
    hello,
    log,
    target: { service, control },
  });
  return server;
}

async function untilLeaving(options: DaemonOptions, life: Life & { server: SocketServer }): Promise<void> {
  const { composition, server, leaving, clock } = life;
  await idle({
    idleSeconds: options.idleSeconds,
    clock,
    isBusy: () => server.clients > 0 || composition.activeJobs() > 0,
    signal: leaving.signal,
  }, () => {
    // No client finds this daemon any more, and a new daemon needs the lock of this one. So it leaves; jobs go on.
    void server.isReachable().then((isReachable) => {
      if (!isReachable) leaving.begin("its socket was removed");
    });
  });
  leaving.begin("idle");
}

async function closeComposition(composition: Composition, log: Log): Promise<void> {
  try {
    await within(CLOSE_MS, composition.close());
  } catch (error) {
    log.error("cannot close in order", { error });
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch {
    return false;
  }
}
