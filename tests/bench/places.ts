/**
 * Benchmark, family `places`: what snapshots and places cost, in this process. A daemon takes them beside its jobs, so
 * it also tells how long the thread was held at most.
 *
 * @module
 */
import { discardPlace } from "../../src/places/isolation/discard_place.ts";
import { makePlace } from "../../src/places/isolation/make_place.ts";
import { packed } from "../../src/places/isolation/pack_base.ts";
import { changeOf, homeOf, snapshotOf } from "../support/snapshots.ts";
import { type UserRepository, userRepository } from "../support/user_repository.ts";
import type { Bench, Family } from "./family.ts";
import { figure, type Row } from "./figure.ts";
import { pause, timed } from "./measure.ts";

const SIZES = [{ files: 2_000, budget: { median: 50 } }, { files: 50_000, budget: { median: 300 } }] as const;

/** Ms after which no file counts as just written: all of them would be looked at again. */
const SETTLED_MS = 2_500;

/** Files that a turn changes. */
const CHANGED = 6;

export const places: Family = {
  name: "places",
  async *measure(bench: Bench): AsyncGenerator<Row> {
    for (const { files, budget } of SIZES) {
      await using user = repositoryOf(files);
      await pause(SETTLED_MS);
      yield* snapshots(bench, { user, of: `${files} files`, budget });
      yield* isolation(bench, { user, of: `${files} files` });
    }
  },
};

function repositoryOf(files: number): UserRepository {
  const user = userRepository();
  // Its own garbage collection would run beside the measurements.
  user.git("config", "gc.auto", "0");
  for (let index = 0; index < files; index++) user.write(pathOf(index), `${index}\n`.repeat(200));
  user.git("add", ".");
  user.git("commit", "-q", "-m", "files");
  user.git("gc", "-q");
  return user;
}

function pathOf(index: number): string {
  return `d${index % 200}/f${index}.txt`;
}

async function* snapshots(
  bench: Bench,
  { user, of, budget }: { user: UserRepository; of: string; budget: { median: number } },
): AsyncGenerator<Row> {
  const home = homeOf(user);
  const first = await timed(() => snapshotOf(home, user.root));
  yield figure([first], { name: `the first snapshot of ${of}`, unit: "ms" });
  using held = new HeldThread();
  const [before, turns]: [number[], number[]] = [[], []];
  for (let round = 0; round < bench.times(15); round++) {
    before.push(await timed(() => snapshotOf(home, user.root)));
    const whole = await timed(() =>
      changeOf(home, user.root, () => {
        for (let index = 0; index < CHANGED; index++) user.write(pathOf(index), `round ${round}\n`);
      })
    );
    turns.push(whole);
  }
  yield figure(before, { name: `snapshot of ${of}, warm, nothing changed`, unit: "ms", budget });
  yield figure(turns, {
    name: `both snapshots of a turn in ${of} and what it changed`,
    unit: "ms",
    note: `${CHANGED} files changed`,
  });
  yield figure([held.longestMs], { name: `longest that snapshots of ${of} held the thread`, unit: "ms" });
}

async function* isolation(
  bench: Bench,
  { user, of }: { user: UserRepository; of: string },
): AsyncGenerator<Row> {
  const home = homeOf(user);
  const [making, discarding]: [number[], number[]] = [[], []];
  for (let round = 0; round < bench.times(5); round++) {
    making.push(await timed(() => makePlace(home, { job: "bench000", cwd: user.root, from: "head" })));
    await packed(home, "bench000");
    discarding.push(await timed(() => discardPlace(home, "bench000")));
  }
  yield figure(making, { name: `a place of ${of} made`, unit: "ms" });
  yield figure(discarding, { name: `a place of ${of} discarded`, unit: "ms" });
}

/** Ms between two looks at the clock. */
const TICK_MS = 5;

/** How long nothing else got a chance to run, at most. */
class HeldThread implements Disposable {
  longestMs = 0;
  #last = performance.now();
  readonly #timer = setInterval(() => {
    const now = performance.now();
    this.longestMs = Math.max(this.longestMs, now - this.#last - TICK_MS);
    this.#last = now;
  }, TICK_MS);

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
