/**
 * Room `daemon`: builds the real things and puts them together; the only place besides `main.ts` that does.
 *
 * @module
 */
import { join } from "node:path";
import { limitsOf, settingsOf } from "./settings.ts";
import { openPlaces } from "./open_places.ts";
import type { AgentDriver } from "../../agents/driver.ts";
import { AgentCatalog } from "../../agents/detection/catalog.ts";
import { agentSettings } from "../../agents/detection/known_agents.ts";
import { knownDrivers } from "../../agents/detection/known_drivers.ts";
import { ConfigSource } from "../../config/config_source.ts";
import { answererOf } from "../../config/answerer.ts";
import { statePaths } from "../../config/state_paths.ts";
import { isAgentAsyncError } from "../../domain/errors.ts";
import { chooseFeeder } from "../../kernel/channel/choose_feeder.ts";
import { JobDirectories } from "../../kernel/job_directories.ts";
import type { TurnWrapper } from "../../kernel/wrapper/turn_wrapper.ts";
import { jobRecords } from "../../scheduler/upkeep/rebuild.ts";
import { discardPlace } from "../../places/isolation/discard_place.ts";
import { measuredNow, Retention } from "../../scheduler/upkeep/retention.ts";
import { keepPatch, unappliedChanges } from "../../scheduler/upkeep/unapplied_work.ts";
import { tidySnapshots } from "../../scheduler/upkeep/tidy_snapshots.ts";
import { Scheduler } from "../../scheduler/scheduler.ts";
import { LocalService } from "../../service/local/service.ts";
import { serviceDoor } from "../../service/job_service.ts";
import { openStore } from "../../store/database/open_store.ts";
import { readRecoveryNote } from "../../store/mending/recovery_note.ts";
import { AgentProbe } from "../../system/agent_probe.ts";
import { isThere } from "../../system/files/is_there.ts";
import { type Clock, systemClock } from "../../system/clock.ts";
import { systemIds } from "../../system/ids.ts";
import type { Log } from "../../system/log.ts";
import { systemProcesses } from "../../system/processes/system_processes.ts";
import { guardedPlaces } from "../trust/guarded_places.ts";
import { runOnFinish } from "./on_finish.ts";
import { runOnQuestion } from "./on_question.ts";
import { chooseWrapper, ownFeeder } from "./choose_wrapper.ts";
import type { Composition } from "./run_daemon.ts";

/** Ms between two rounds of retention. */
const RETENTION_MS = 3_600_000;

/** Ms after start-up before the first round: the first call is not to wait for it. */
const FIRST_RETENTION_MS = 60_000;

/** Ms between two looks whether the store is still the one that was opened; every write looks, too. */
const REPLACED_MS = 5_000;

/**
 * Ms for which the limits are taken as they are: every look at them is one at the file, and fifty silent turns ask 500
 * times a second.
 */
const LIMITS_MS = 500;

/** Ms for which the note of a rebuilt store is remembered: only opening the store writes one. */
const NOTICE_MS = 60_000;

export interface ComposeOptions {
  home: string;
  env: Readonly<Record<string, string>>;
  log: Log;
  /** The system's, unless a test has its own. */
  clock?: Clock;
  /** The agents besides those of the program and the configuration; only a test has some. */
  drivers?: readonly AgentDriver[];
  /** Who runs the turns: chosen by the system, unless a test has its own. */
  wrapper?: TurnWrapper;
  /** Called when the open store cannot be used any more: this daemon has to leave, and the next one opens it anew. */
  leave?: (cause: string) => void;
}

/** The caller holds the daemon's lock. */
export async function compose(options: ComposeOptions): Promise<Composition> {
  const { env, log, clock = systemClock } = options;
  // A state directory may be a symlink to where there is room; the rooms below refuse links.
  const home = await Deno.realPath(options.home);
  const paths = statePaths(home);
  const config = new ConfigSource({
    path: paths.configFile,
    lastGoodPath: paths.lastConfigFile,
    env,
    log,
  });
  const directories = new JobDirectories(home, { wrapper: options.wrapper ?? await chooseWrapper() });
  directories.prepare();
  const { store, mended } = await openStore({
    path: paths.databaseFile,
    clock,
    log,
    onStale: () => options.leave?.("its store was opened for reading alone"),
    onReplaced: () => options.leave?.("its store was replaced"),
    records: jobRecords(directories, log),
  });
  const probe = new AgentProbe({ isThere });
  const known = knownDrivers(() => config.current().agents);
  const { drivers: further } = options;
  const catalog = new AgentCatalog({
    drivers: further === undefined ? known : () => [...known(), ...further],
    probe,
    settings: () => agentSettings(config.current().agents),
  });
  const places = await openPlaces(home, { env, log });
  const scheduler = new Scheduler({
    store,
    directories,
    catalog,
    processes: systemProcesses(),
    clock,
    log,
    ids: systemIds,
    isRoot: probe.isRoot,
    places,
    feeder: rememberedFor(
      Infinity,
      clock,
      () => chooseFeeder({ directory: directories.environmentsPath, fallback: ownFeeder() }),
    ),
    limits: rememberedFor(LIMITS_MS, clock, () => limitsOf(config, paths)),
  });
  const leaving = new AbortController();
  const retention = new Retention({
    store,
    directories,
    clock,
    log,
    signal: leaving.signal,
    isVisited: (id) => scheduler.visits.visitor(id) !== null,
    discard: (id) => discardPlace(places, id),
    unapplied: {
      isOf: (job) => unappliedChanges(job, directories).length > 0,
      keep: (job) => places.gate.use(() => keepPatch(job, { places, directories })),
    },
  });
  const service = serviceDoor(
    new LocalService({
      store,
      scheduler,
      directories,
      clock,
      retention,
      settings: (callerEnv) => settingsOf(config, callerEnv),
      limits: () => config.current().limits,
      answeredBy: () => config.isUsers ? answererOf(config.current()) : "person",
      guardedPlaces: (hostEnv) => guardedPlaces(home, hostEnv),
      notice: rememberedFor(NOTICE_MS, clock, () => readRecoveryNote(paths.databaseFile, clock.now())),
    }),
  );
  const told = runOnFinish({
    service,
    command: () => config.current().on_finish,
    cursorFile: join(home, "on_finish.cursor"),
    env,
    log,
    signal: leaving.signal,
  });
  const asked = runOnQuestion({
    service,
    command: () => config.current().on_question,
    cursorFile: join(home, "on_question.cursor"),
    env,
    log,
    signal: leaving.signal,
  });
  let isHeld = !config.isUsers;
  let dayUsd = config.current().budgets.day_usd;
  const looks = setInterval(() => {
    void store.isReplaced().catch(() => {});
    const { day_usd: usd } = config.current().budgets;
    // The configuration was corrected, or has another budget: jobs that waited for that may start.
    if ((isHeld && config.isUsers) || usd !== dayUsd) void scheduler.reconcile().catch(() => {});
    isHeld = !config.isUsers;
    dayUsd = usd;
  }, REPLACED_MS);
  for (const job of mended) scheduler.keep(job);
  await scheduler.start();
  // After `scheduler.start`, which goes on with what an earlier daemon had begun to remove.
  const tidy = (now: number) => tidySnapshots({ places, directories, now, signal: leaving.signal });
  const stopRetention = keepRetention({ retention, config, log, tidy, now: measuredNow(clock) });
  directories.removeStrayExits();
  const tidied = directories.finishRemovals(
    leaving.signal,
    {
      discard: (id) => discardPlace(places, id),
      onFailure: (path, error) =>
        log.error("cannot remove a job's directory", { path, error: String(error) }),
    },
  );
  return {
    service,
    activeJobs: () => scheduler.active.size,
    requireGit: () => places.git.requireUsable(),
    close: async () => {
      stopRetention();
      clearInterval(looks);
      leaving.abort();
      await scheduler[Symbol.asyncDispose]();
      await Promise.all([told, asked, tidied]);
      await store[Symbol.asyncDispose]();
    },
  };
}

/** A function that remembers what `look` found, and calls it again when that is `ms` old. */
function rememberedFor<Value>(ms: number, clock: Clock, look: () => Value): () => Value {
  let known: { value: Value; at: number } | null = null;
  return () => {
    const now = clock.steady();
    if (known === null || now - known.at >= ms) known = { value: look(), at: now };
    return known.value;
  };
}

function keepRetention(
  { retention, config, log, tidy, now }: {
    retention: Retention;
    config: ConfigSource;
    log: Log;
    tidy: (now: number) => Promise<boolean>;
    now: () => number;
  },
): () => void {
  const round = () => {
    const { days, bytes } = config.current().retention;
    retention.prune({ olderThanDays: days, maxBytes: bytes, dryRun: false, now: now() }).catch((error) => {
      if (!isAgentAsyncError(error, "handover")) log.error("retention failed", { error: String(error) });
    }).then(() => tidy(now())).catch((error) => {
      log.warn("snapshots are not tidied", { error: String(error) });
    });
  };
  const first = setTimeout(round, FIRST_RETENTION_MS);
  const rest = setInterval(round, RETENTION_MS);
  return () => {
    clearTimeout(first);
    clearInterval(rest);
  };
}
