/**
 * Support for tests: the files of the suite, a few at a time for each processor.
 *
 * @module
 */

/** Enough that the start of `deno test` does not count, few enough that all processors end at about the same time. */
const FILES_PER_BATCH = 4;

/** Paths of all files of tests below `directory`, sorted; of others with another `ending`. */
export function testFiles(directory: string, ending: string = "_test.ts"): string[] {
  return [...Deno.readDirSync(directory)].flatMap((entry) => {
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory) return testFiles(path, ending);
    return entry.name.endsWith(ending) ? [path] : [];
  }).sort();
}

/** The list in parts, in its order. */
export function batchesOf<Item>(items: readonly Item[], size: number = FILES_PER_BATCH): Item[][] {
  return Array.from(
    { length: Math.ceil(items.length / size) },
    (_, nth) => items.slice(nth * size, (nth + 1) * size),
  );
}

/** Runs `work` on every item, `lanes` at a time, begun in their order. @returns the results, in that order too. */
export async function runInLanes<Item, Result>(
  items: readonly Item[],
  { lanes, work }: { lanes: number; work: (item: Item) => Promise<Result> },
): Promise<Result[]> {
  const results: Result[] = [];
  const left = items.entries();
  const lane = async () => {
    for (const [nth, item] of left) results[nth] = await work(item);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}
