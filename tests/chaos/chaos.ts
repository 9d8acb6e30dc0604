/**
 * `deno task chaos [--seed n] [--rounds n] [--only name] [--json] [--list]`: attacks the real program and prints what
 * it found. `--only` takes a part of a fault's or a family's name. The program is run from source unless
 * `AGENT_ASYNC_TEST_EXECUTABLE` names an executable.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { campaign } from "./campaign.ts";
import { FAULTS } from "./faults.ts";
import { isClean, table } from "./report.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    seed: { type: "string", default: "1" },
    rounds: { type: "string", default: "70" },
    only: { type: "string", multiple: true, default: [] },
    json: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
  },
});

const faults = FAULTS.filter(({ name, family }) =>
  values.only.length === 0 || values.only.some((part) => `${family}: ${name}`.includes(part))
);
if (values.list) {
  for (const { family, name } of faults) console.log(`${family}: ${name}`);
  Deno.exit(0);
}
const interrupted = new AbortController();
Deno.addSignalListener("SIGINT", () => interrupted.abort());
const rows = await campaign({
  faults,
  seed: Number(values.seed),
  rounds: Number(values.rounds),
  signal: interrupted.signal,
  onAttempt({ family, name }, seed, findings) {
    const { jobs, notes } = findings;
    console.error(`${notes.length === 0 ? "ok " : "BAD"} seed ${seed}, ${jobs} jobs: ${family}: ${name}`);
    for (const note of notes) console.error(`    ${note}`);
  },
});
console.log(values.json ? JSON.stringify(rows, null, 2) : table(rows));
Deno.exit(isClean(rows) ? 0 : 1);
