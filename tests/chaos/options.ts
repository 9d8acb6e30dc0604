/**
 * Chaos: the arguments of `deno task chaos`.
 *
 * @module
 */
import { parseArgs } from "node:util";

export const USAGE = `Usage: deno task chaos [options]

Attacks the real program and prints what it found: fault, times tried, jobs, lost, doubled, wrong, left running.
The program is run from source unless AGENT_ASYNC_TEST_EXECUTABLE names an executable.

Options:
  --list           print the names of the faults and do nothing
  --only PART      only faults with PART in "family: name"; may be given several times
  --rounds N       attempts at the faults that vary, altogether (70); the others are tried once
  --seed N         seed of the first attempt, from which the others follow (1)
  --minutes N      how long the soak lasts (10)
  --json           print the rows as JSON instead of a table
  --from FILE      attack nothing: print the rows that --json has printed before; several files are added up
  --record         keep the rows as those that docs/security.md quotes
  --by-family      a line for each family instead of each fault
  --help           print this

Progress goes to stderr, with the seed that repeats an attempt. Exit code: 0 nothing lost, doubled, wrong or left
running; 1 otherwise; 2 wrong usage.`;

export interface ChaosOptions {
  list: boolean;
  only: string[];
  rounds: number;
  seed: number;
  minutes: number;
  json: boolean;
  from: string[];
  byFamily: boolean;
  record: boolean;
  help: boolean;
}

/** @throws {Error} with one line that says which argument is wrong */
export function parseOptions(args: readonly string[]): ChaosOptions {
  const { values } = parse(args);
  return {
    list: values.list,
    only: values.only,
    rounds: whole("--rounds", values.rounds),
    seed: whole("--seed", values.seed),
    minutes: positive("--minutes", values.minutes),
    json: values.json,
    from: values.from,
    record: values.record,
    byFamily: values["by-family"],
    help: values.help,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        list: { type: "boolean", default: false },
        only: { type: "string", multiple: true, default: [] },
        rounds: { type: "string", default: "70" },
        seed: { type: "string", default: "1" },
        minutes: { type: "string", default: "10" },
        json: { type: "boolean", default: false },
        from: { type: "string", multiple: true, default: [] },
        record: { type: "boolean", default: false },
        "by-family": { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    // What follows the first sentence is advice about other programs.
    const [sentence] = String(error instanceof Error ? error.message : error).split(/\. |\n/, 1);
    throw new Error(sentence, { cause: error });
  }
}

function whole(name: string, text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number)) {
    throw new Error(`${name} wants a whole number, not '${text}'`);
  }
  return number;
}

function positive(name: string, text: string): number {
  const number = Number(text);
  if (text.trim() === "" || !(number > 0) || !Number.isFinite(number)) {
    throw new Error(`${name} wants a number above 0, not '${text}'`);
  }
  return number;
}
