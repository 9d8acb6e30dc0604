/**
 * Benchmark: how things are measured. Rule: what is compared is measured in turn in one run, so that a busy machine is
 * busy for both.
 *
 * @module
 */

/** Runs of each before the first one that counts: caches of the disk, of Deno and of the program are filled. */
const WARM_UPS = 2;

/**
 * Runs all of them `times` times, each in its turn.
 * @returns the samples of each, in the order of the runs.
 */
export async function inTurn<Name extends string>(
  runs: Readonly<Record<Name, () => Promise<number>>>,
  times: number,
  { warmUps = WARM_UPS }: { warmUps?: number } = {},
): Promise<Record<Name, number[]>> {
  const entries = Object.entries<() => Promise<number>>(runs).map(([name, run]) => {
    return { name, run, samples: new Array<number>() };
  });
  for (let round = -warmUps; round < times; round += 1) {
    for (const { run, samples } of entries) {
      const sample = await run();
      if (round >= 0) samples.push(sample);
    }
  }
  const samples = Object.fromEntries(entries.map((entry) => [entry.name, entry.samples]));
  return samples as Record<Name, number[]>;
}

/** Ms that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** A pause of a length that differs each time, so that no beat of the daemon is always met at the same place. */
export function pause(minMs: number, maxMs = minMs): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, minMs + Math.random() * (maxMs - minMs)));
}

export interface Machine {
  cpu: string;
  cores: number;
  memoryGb: number;
  system: string;
  deno: string;
  /** Of the last minute, when the run began: above the number of cores, times are too long. */
  load: number;
}

export function machine(): Machine {
  return {
    cpu: cpuName(),
    cores: navigator.hardwareConcurrency,
    memoryGb: Math.round(Deno.systemMemoryInfo().total / 2 ** 30),
    system: `${Deno.build.os} ${Deno.osRelease()}`,
    deno: Deno.version.deno,
    load: Number((Deno.loadavg()[0] ?? 0).toFixed(1)),
  };
}

function cpuName(): string {
  try {
    const name = /^model name\s*:\s*(.+)$/m.exec(Deno.readTextFileSync("/proc/cpuinfo"))?.[1];
    return name ?? Deno.build.arch;
  } catch {
    return Deno.build.arch;
  }
}
