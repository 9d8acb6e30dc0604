/**
 * Room `daemon`: how a front-end gets a connection, whatever it finds: a daemon, none, a dead one's socket, one that
 * is just starting or leaving, an older one. Twenty that come at once end up with the same daemon, since only the
 * holder of the owner lock serves.
 *
 * @module
 */
import { AgentAsyncError } from "../../domain/errors.ts";
import type { Connection } from "../../service/remote/connection.ts";
import { PROTOCOL } from "../../service/wire.ts";
import type { Clock } from "../../system/clock.ts";
import { type Log, silentLog } from "../../system/log.ts";
import { compareVersions } from "../../domain/compare_versions.ts";
import { dial, type Dialled } from "./dial.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import { prepareEndpoint } from "../endpoint/prepare_endpoint.ts";
import { requestHandover } from "./request_handover.ts";
import { readLastWords } from "../serve/last_words.ts";
import { spawnDaemon } from "./spawn_daemon.ts";
import { readStartFailure } from "./start_failure.ts";
import { claimStart, clearStartMark } from "./start_mark.ts";
import { shouldWaitForSuccessor } from "../serve/succession.ts";
import { isSupportedSystem, requireSupportedSystem } from "../serve/supported_system.ts";
import { pause } from "../../system/pause.ts";

export interface ConnectOptions {
  home: string;
  /** The version of this front-end. An older daemon is asked to hand over, a newer one is used as it is. */
  version: string;
  /** The job that this process was started in, by its environment. */
  jobId?: string | undefined;
  clock: Clock;
  log?: Log;
  signal?: AbortSignal;
  /** Ms for the greeting of a daemon that listens; 10,000 unless told. */
  helloTimeoutMs?: number;
  /** Where a daemon of `home` listens: the system's choice unless a test has its own. */
  endpoint?: (home: string) => Promise<Endpoint>;
}

export interface ConnectOrStartOptions extends ConnectOptions {
  /** How to start a daemon in the foreground, as an argument vector: `selfCommand()` and its command. */
  command: readonly string[];
  /** The environment for the daemon. */
  env: Readonly<Record<string, string>>;
  /** Ms until a daemon that had to be started must answer; 20,000 unless told. */
  startTimeoutMs?: number;
}

const HELLO_TIMEOUT_MS = 10_000;
const START_TIMEOUT_MS = 20_000;

/** Ms between two starts by one front-end: more than a daemon takes, so that one failure does not breed many. */
const START_AGAIN_MS = 1_750;

/** Daemons that may end with a failure, and no word of why, before the front-end gives up. */
const MAX_FAILED_STARTS = 2;

/**
 * Daemons that one front-end asks to leave for a newer one. What comes after them is used as it is: after a downgrade
 * the executable itself starts an older daemon, again and again.
 */
const MAX_HANDOVERS = 3;

/** Ms between two looks for a daemon: they begin short, grow with every look, and stay below a limit. */
const FIRST_LOOK_MS = 1;
const LOOK_FACTOR = 1.5;
const MAX_LOOK_MS = 25;

/**
 * @throws {AgentAsyncError} the daemon's own reason when it cannot start; `daemon_unreachable` when none answers in
 * time; `cancelled` when the signal was aborted.
 */
export async function connectOrStart(options: ConnectOrStartOptions): Promise<Connection> {
  const { log = silentLog } = options;
  requireSupportedSystem();
  const endpoint = await endpointOf(options);
  let attempt = new StartAttempt(options);
  let handovers = 0;
  for (let lookMs = FIRST_LOOK_MS;; lookMs = Math.min(MAX_LOOK_MS, lookMs * LOOK_FACTOR)) {
    throwIfGivenUp(options.signal);
    const dialled = await reach(endpoint, options);
    if (dialled.verdict === "connected") {
      const { connection } = dialled;
      if (!isOlder(connection, options) || handovers >= MAX_HANDOVERS) return usable(connection, options);
      // An older daemon that refuses to hand over is used, if its protocol is ours: better than none.
      const hasAgreed = await requestHandover(connection, options.version);
      handovers = hasAgreed ? handovers + 1 : MAX_HANDOVERS;
      log.info("asked an older daemon to hand over", { version: connection.hello.version, hasAgreed });
      attempt = new StartAttempt(options);
    } else if (dialled.verdict === "absent") {
      await attempt.start();
    }
    attempt.throwIfLate(dialled);
    await pause(lookMs);
  }
}

/** Looks, {@link MAX_LOOK_MS} apart, until a daemon that is just leaving is gone, or another has come: 2 s. */
const LEAVING_LOOKS = 80;

/**
 * The daemon that is there, of whatever version, or `null`; starts none. For commands that are about the daemon.
 * @throws {AgentAsyncError} `daemon_unreachable` when one is there and does not answer, or something else is.
 */
export async function connectToDaemon(options: ConnectOptions): Promise<Connection | null> {
  if (!isSupportedSystem()) return null;
  const endpoint = await endpointOf(options);
  for (let look = 1;; look++) {
    const dialled = await reach(endpoint, options);
    if (dialled.verdict === "connected") return dialled.connection;
    if (dialled.verdict === "absent") return null;
    throwIfGivenUp(options.signal);
    if (look === LEAVING_LOOKS) {
      throw new AgentAsyncError(
        "daemon_unreachable",
        `What listens on ${endpoint.path} is no daemon of agent-async: ${dialled.fault}.`,
        { hint: "Remove that file, or end what listens there." },
      );
    }
    await pause(MAX_LOOK_MS);
  }
}

async function endpointOf({ home, endpoint = prepareEndpoint }: ConnectOptions): Promise<Endpoint> {
  return await endpoint(home);
}

function reach(endpoint: Endpoint, options: ConnectOptions): Promise<Dialled> {
  return dial({
    endpoint,
    hello: {
      protocol: PROTOCOL,
      version: options.version,
      pid: Deno.pid,
      ...(options.jobId === undefined ? {} : { job_id: options.jobId }),
    },
    helloTimeoutMs: options.helloTimeoutMs ?? HELLO_TIMEOUT_MS,
  });
}

function isOlder({ hello }: Connection, { version }: ConnectOptions): boolean {
  return compareVersions(version, hello.version) > 0;
}

/** A newer daemon is fine as long as it speaks the same protocol. */
function usable(connection: Connection, options: ConnectOptions): Connection {
  const { hello } = connection;
  if (hello.protocol === PROTOCOL) return connection;
  connection.close();
  throw new AgentAsyncError(
    "daemon_unreachable",
    `The running daemon (version ${hello.version}) speaks protocol ${hello.protocol}, ` +
      `this front-end (version ${options.version}) speaks ${PROTOCOL}.`,
    { hint: "Update agent-async here too, then restart this session." },
  );
}

/** The starting of a daemon by one front-end. */
class StartAttempt {
  readonly #options: ConnectOrStartOptions;
  readonly #began: { now: number; steady: number };
  #startedAt: number | null = null;
  /** What became of the daemons that were started here and ended with a failure. */
  readonly #faults: string[] = [];

  constructor(options: ConnectOrStartOptions) {
    this.#options = options;
    this.#began = { now: options.clock.now(), steady: options.clock.steady() };
  }

  /** Starts a daemon unless this was done a moment ago or a newer front-end is about to. Throws why one could not. */
  async start(): Promise<void> {
    const { home, version, clock, command, env } = this.#options;
    const failure = await readStartFailure(home, { since: this.#began.now, until: clock.now() });
    if (failure !== null) throw failure;
    if (this.#startedAt !== null && clock.steady() - this.#startedAt < START_AGAIN_MS) return;
    if (await shouldWaitForSuccessor(home, version, clock.now())) return;
    if (!await claimStart(home, clock.now())) return;
    this.#startedAt = clock.steady();
    spawnDaemon({ command, env, home }).then(async (status) => {
      if (!status.success) {
        const [words] = readLastWords(home).split("\n");
        this.#faults.push(`it ended with code ${status.code}${words === "" ? "" : ` (${words})`}`);
      }
      await clearStartMark(home);
    }, () => {});
  }

  throwIfLate(dialled: Dialled): void {
    const { clock, startTimeoutMs = START_TIMEOUT_MS } = this.#options;
    const isHopeless = dialled.verdict === "absent" && this.#faults.length >= MAX_FAILED_STARTS;
    if (!isHopeless && clock.steady() - this.#began.steady < startTimeoutMs) return;
    const fault = dialled.verdict === "busy" ? dialled.fault : this.#faults.at(-1) ?? "it does not listen";
    throw new AgentAsyncError(
      "daemon_unreachable",
      isHopeless
        ? `The daemon cannot start: ${fault}.`
        : `No daemon answered in ${startTimeoutMs / 1000} s: ${fault}.`,
      { hint: "See daemon.log in the state directory; `agent-async doctor` checks it." },
    );
  }
}

function throwIfGivenUp(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw new AgentAsyncError("cancelled", "The call was given up before a daemon was reached.");
}
