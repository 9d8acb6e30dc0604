/**
 * Benchmark of the real program, from source and compiled: `deno task bench`. It prints one table, with the budget
 * beside each figure and the change against the last recorded table, and never fails on a time.
 *
 * @module
 */
import { parseArgs } from "node:util";
import manifest from "../../deno.json" with { type: "json" };
import { OtherRevision, UnknownRevision } from "./against.ts";
import { BenchHome } from "./bench_home.ts";
import type { Bench, Family } from "./family.ts";
import { absent, type Row } from "./figure.ts";
import { latency } from "./latency.ts";
import { machine } from "./measure.ts";
import { memory } from "./memory.ts";
import { places } from "./places.ts";
import { peers } from "./peers.ts";
import { profileText } from "./profile.ts";
import { findPrograms, sourceAt, TOP } from "./programs.ts";
import { queue } from "./queue.ts";
import { readRecorded, record, type Table } from "./recorded.ts";
import { sizes } from "./sizes.ts";
import { startUp } from "./start_up.ts";
import { store } from "./store.ts";
import { familyText, head, verdictText } from "./table.ts";
import { talks } from "./talks.ts";
import { throughput } from "./throughput.ts";

const FAMILIES: readonly Family[] = [
  startUp,
  latency,
  talks,
  queue,
  throughput,
  memory,
  store,
  places,
  sizes,
  peers,
];

const USAGE = `Usage: deno task bench [options]

Measures the real program and prints one table, with the budget beside each figure.

  --quick              fewer repetitions, no store of 1,000,000 jobs: some 20 minutes
  --only LIST          these families only, separated by commas:
                       ${FAMILIES.map(({ name }) => name).join(", ")}
  --repeat N           N times as many repetitions
  --json               the table as JSON on stdout
  --against REV        runs another revision in turn with this one, and prints the ratio of each figure
  --record             keeps this table as the one to compare with
  --profile            instead of a table: where the daemon's time goes with 200 short jobs
  --peer NAME=COMMAND  a further MCP server to compare with; may be repeated
  --help               shows this`;

/** Repetitions below which a median says little, however great the hurry. */
const FEWEST = 5;

async function main(): Promise<number> {
  if (Deno.args.some((arg) => arg === "--help" || arg === "-h")) {
    console.log(USAGE);
    return 0;
  }
  const options = readOptions();
  if (typeof options === "string") {
    console.error(options);
    return 2;
  }
  const { families, repeat, isQuick, isJson } = options;
  if (options.isProfile) {
    console.log(await profileText(sourceAt(TOP)));
    return 0;
  }
  const executables = Deno.makeTempDirSync({ prefix: "agent-async-bench-" });
  try {
    const before = readRecorded();
    const about = {
      date: new Date().toISOString().slice(0, 16) + "Z",
      command: ["deno task bench", ...Deno.args].join(" "),
      version: manifest.version,
      machine: machine(),
    };
    const say = (text: string) => isJson ? console.error(text) : console.log(text);
    say(head(about));
    await using stack = new AsyncDisposableStack();
    const programs = await findPrograms(executables);
    const other = options.against === null
      ? null
      : stack.use(await OtherRevision.at(options.against, executables));
    const bench: Bench = {
      isQuick,
      programs: other === null ? programs : { ...programs, others: await other.forms(programs) },
      peers: options.peers,
      times: (full) => Math.max(FEWEST, Math.round((isQuick ? full / 3 : full) * repeat)),
    };
    const table: Table = { ...about, families: [] };
    for (const family of families) {
      console.error(`measuring ${family.name} ...`);
      const rows = await taken(family, bench);
      table.families.push({ name: family.name, rows });
      say(familyText(family.name, rows, before));
    }
    const rows = table.families.flatMap((family) => family.rows);
    say(verdictText(other === null ? rows : rows.filter((row) => !other.isOf(row)), before));
    if (other !== null) say(other.ratios(rows));
    if (isJson) console.log(JSON.stringify(table, null, 2));
    if (options.isRecord) record(table);
    return 0;
  } finally {
    Deno.removeSync(executables, { recursive: true });
  }
}

/** A family that breaks costs its own rows only, and says why. */
async function taken(family: Family, bench: Bench): Promise<Row[]> {
  const rows: Row[] = [];
  try {
    for await (const row of family.measure(bench)) rows.push(row);
  } catch (error) {
    // What went wrong first, and not what could not be cleared away because of it.
    const cause = error instanceof SuppressedError ? error.suppressed : error;
    rows.push(absent(`${family.name}: the rest`, cause));
    console.error(cause);
  }
  return rows;
}

function parseArguments() {
  return parseArgs({
    args: Deno.args,
    options: {
      quick: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      record: { type: "boolean", default: false },
      profile: { type: "boolean", default: false },
      only: { type: "string" },
      against: { type: "string" },
      repeat: { type: "string", default: "1" },
      peer: { type: "string", multiple: true, default: [] },
    },
  }).values;
}

/** What was asked for, or what is wrong with it. */
function readOptions() {
  let values: ReturnType<typeof parseArguments>;
  try {
    values = parseArguments();
  } catch (error) {
    return `${error instanceof Error ? error.message : error}\n\n${USAGE}`;
  }
  const wanted = values.only?.split(",") ?? FAMILIES.map((family) => family.name);
  const unknown = wanted.filter((name) => !FAMILIES.some((family) => family.name === name));
  if (unknown.length > 0) {
    return `--only: there is no ${unknown.join(", ")}; there are ${
      FAMILIES.map(({ name }) => name).join(", ")
    }`;
  }
  const repeat = Number(values.repeat);
  if (!(repeat > 0)) return "--repeat: must be a number above 0";
  const against = values.against ?? null;
  if (against !== null && values.record) return "--record: the figures of two revisions are not recorded";
  return {
    against,
    families: FAMILIES.filter((family) => wanted.includes(family.name)),
    repeat,
    isQuick: values.quick,
    isJson: values.json,
    isRecord: values.record,
    isProfile: values.profile,
    peers: Object.fromEntries(values.peer.map((peer) => {
      const [name = "", ...command] = peer.split("=");
      return [name, command.join("=").split(" ")];
    })),
  };
}

async function giveUp(): Promise<void> {
  await BenchHome.disposeAll();
  await OtherRevision.disposeAll();
  Deno.exit(130);
}

if (import.meta.main) {
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, giveUp);
}
// Reads of FIFOs that nobody will write to any more would keep the process.
if (import.meta.main) {
  Deno.exit(
    await main().catch((error) => {
      console.error(error instanceof UnknownRevision ? `--against: ${error.message}` : error);
      return error instanceof UnknownRevision ? 2 : 1;
    }),
  );
}
