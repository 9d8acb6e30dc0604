/**
 * `deno task chaos`: attacks the real program and prints what it found. See `--help`.
 *
 * @module
 */
import { campaign } from "./campaign.ts";
import { FAULTS } from "./faults.ts";
import { type ChaosOptions, parseOptions, USAGE } from "./options.ts";
import { record } from "./recorded.ts";
import { addedUp, byFamily, isClean, Row, table } from "./report.ts";

/** Findings of one attempt that are printed as it ends; --json has them all. */
const MOST_NOTES = 12;

const options = optionsOrExit();
if (options.help) {
  console.log(USAGE);
  Deno.exit(0);
}
const rows = options.from.length > 0 ? readRows(options.from) : await attack();
if (options.record) record(rows);
const shown = options.byFamily ? byFamily(rows) : rows;
console.log(options.json ? JSON.stringify(shown, null, 2) : table(shown));
Deno.exit(isClean(rows) ? 0 : 1);

async function attack(): Promise<Row[]> {
  const faults = FAULTS.filter(({ name, family }) =>
    options.only.length === 0 || options.only.some((part) => `${family}: ${name}`.includes(part))
  );
  if (faults.length === 0) exitForUsage(`no fault has ${options.only.join(" or ")} in its name; see --list`);
  if (options.list) {
    for (const { family, name } of faults) console.log(`${family}: ${name}`);
    Deno.exit(0);
  }
  const interrupted = new AbortController();
  Deno.addSignalListener("SIGINT", () => interrupted.abort());
  return await campaign({
    faults,
    seed: options.seed,
    rounds: options.rounds,
    soakMinutes: options.minutes,
    signal: interrupted.signal,
    onAttempt({ family, name }, seed, findings) {
      const { jobs, notes } = findings;
      console.error(`${notes.length === 0 ? "ok " : "BAD"} seed ${seed}, ${jobs} jobs: ${family}: ${name}`);
      for (const note of notes.slice(0, MOST_NOTES)) console.error(`    ${note}`);
      if (notes.length > MOST_NOTES) console.error(`    and ${notes.length - MOST_NOTES} more`);
    },
  });
}

function readRows(paths: readonly string[]): Row[] {
  try {
    return addedUp(paths.flatMap((path) => Row.array().parse(JSON.parse(Deno.readTextFileSync(path)))));
  } catch (error) {
    return exitForUsage(`--from: ${error instanceof Error ? error.message : error}`);
  }
}

function optionsOrExit(): ChaosOptions {
  try {
    return parseOptions(Deno.args);
  } catch (error) {
    return exitForUsage(`${error instanceof Error ? error.message : error}; see --help`);
  }
}

function exitForUsage(why: string): never {
  console.error(`deno task chaos: ${why}`);
  Deno.exit(2);
}
