import assert from "node:assert/strict";
import { type ExitNotice, watchExits } from "../../src/kernel/end/exit_watch.ts";
import { eventually } from "../support/eventually.ts";
import { KernelHome } from "../support/kernel_home.ts";

const WAYS = {
  "the system's watcher": {},
  "polling, when there is no watcher to be had": {
    watch: (): Deno.FsWatcher => {
      throw new Error("No space left on device (os error 28)");
    },
  },
  "polling, when the watcher ends by itself": {
    watch: (path: string): Deno.FsWatcher => {
      const watcher = Deno.watchFs(path);
      watcher.close();
      return watcher;
    },
  },
};

for (const [way, options] of Object.entries(WAYS)) {
  Deno.test(`watchExits: yields what is there and what comes, each once, by ${way}`, async () => {
    await using home = new KernelHome();
    const stop = new AbortController();
    const early = home.newTurn();
    const blank = home.newTurn();
    Deno.writeTextFileSync(early.exitFile, "0   \n");
    const seen: ExitNotice[] = [];
    const loop = (async () => {
      for await (const exit of watchExits(home.directories, stop.signal, options)) seen.push(exit);
    })();
    await eventually(() => seen.length === 1, { what: "the record that was there" });
    for (const name of ["junk", `${early.jobId}.0`, `${early.jobId}.02`, "../x.1", `${early.jobId}.1.1`]) {
      Deno.writeTextFileSync(`${home.directories.exitsPath}/${name.replaceAll("/", "_")}`, "0   \n");
    }
    // Prepared, or half written.
    for (const text of ["", "     ", "3", "13  "]) Deno.writeTextFileSync(blank.exitFile, text);
    const late = home.launch(home.newTurn(), { args: ["-c", "exit 3"] });
    await late.status;
    await eventually(() => seen.length === 2, { what: "the record that came" });
    late.turn.archiveExit();
    early.archiveExit();
    const third = home.launch(home.newTurn(), { args: ["-c", "exit 4"] });
    await third.status;
    await eventually(() => seen.length === 3, { what: "the record after the others were taken" });
    assert.deepEqual(seen, [early, late.turn, third.turn].map(({ jobId, turn }) => ({ jobId, turn })));
    stop.abort();
    await loop;
  });
}

Deno.test("watchExits: ends at once for a signal that was aborted before", async () => {
  await using home = new KernelHome();
  for await (const exit of watchExits(home.directories, AbortSignal.abort())) assert.fail(exit.jobId);
});

Deno.test("watchExits: the end of one turn reads the records of no others", async () => {
  await using home = new KernelHome();
  const running = Array.from({ length: 20 }, () => home.newTurn());
  for (const { exitFile } of running) Deno.writeTextFileSync(exitFile, "     ");
  const stop = new AbortController();
  const seen: string[] = [];
  using reads = readFiles();
  const loop = (async () => {
    for await (const { jobId } of watchExits(home.directories, stop.signal)) seen.push(jobId);
  })();
  await eventually(() => reads.paths.length === running.length, { what: "the first look at all records" });
  const ended = home.newTurn();
  Deno.writeTextFileSync(ended.exitFile, "0   \n");
  await eventually(() => seen.length === 1, { what: "the record that came" });
  assert.deepEqual(new Set(reads.paths.slice(running.length)), new Set([ended.exitFile]));
  stop.abort();
  await loop;
});

/** The paths of the files that are read as text, until it is disposed of. */
function readFiles(): Disposable & { paths: string[] } {
  const { readTextFileSync } = Deno;
  const paths: string[] = [];
  Deno.readTextFileSync = (path) => {
    paths.push(String(path));
    return readTextFileSync(path);
  };
  return { paths, [Symbol.dispose]: () => void (Deno.readTextFileSync = readTextFileSync) };
}

Deno.test("watchExits: a burst of ends loses none", async () => {
  await using home = new KernelHome();
  const stop = new AbortController();
  const seen = new Set<string>();
  const loop = (async () => {
    for await (const { jobId } of watchExits(home.directories, stop.signal)) seen.add(jobId);
  })();
  const launched = Array.from({ length: 30 }, () => home.launch(home.newTurn(), { args: ["-c", "exit 0"] }));
  await Promise.all(launched.map(({ status }) => status));
  await eventually(() => seen.size === 30, { what: "30 records" });
  stop.abort();
  await loop;
});
