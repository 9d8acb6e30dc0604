/**
 * The official conformance suite against the program, in both eras, over a bridge: every server scenario there is.
 *
 * @module
 */
import assert from "node:assert/strict";
import { hostEnvironment, programCommand, shutDown } from "../support/program.ts";
import { makeStateHome } from "../support/state_home.ts";
import { Bridge } from "./bridge.ts";
import { type Check, runSuite } from "./suite.ts";

/** Why a scenario says nothing of this program. Each of them fails: one that does not is to be taken out. */
const NOT_OURS: Readonly<Record<string, readonly string[]>> = {
  "it speaks of HTTP, which here is the bridge": [
    "dns-rebinding-protection",
    "http-header-validation",
    "http-custom-header-server-validation",
  ],
  "no tool here answers with anything but text": [
    "tools-call-image",
    "tools-call-audio",
    "tools-call-embedded-resource",
    "tools-call-mixed-content",
  ],
  "it counts the progress of a tool of its own; tests/mcp/wait_test.ts has ours": [
    "tools-call-with-progress",
  ],
  "no schema here has what it looks for": ["json-schema-2020-12"],
  "no prompt here has anything but text": ["prompts-get-embedded-resource", "prompts-get-with-image"],
  "no resource here is binary, and none has the id 123": [
    "resources-read-binary",
    "resources-templates-read",
  ],
  "nothing is completed here": ["completion-complete"],
  "nothing is logged to the host": ["logging-set-level", "tools-call-with-logging"],
  "the host's model is never asked, nor its roots": [
    "tools-call-sampling",
    "input-required-result-basic-sampling",
    "input-required-result-basic-list-roots",
    "input-required-result-multiple-input-requests",
    "input-required-result-capability-check",
  ],
  "a person is asked what a job asks, which none of its tools does; tests/mcp/questions_test.ts has ours": [
    "tools-call-elicitation",
    "elicitation-sep1034-defaults",
    "elicitation-sep1330-enums",
    "input-required-result-basic-elicitation",
    "input-required-result-request-state",
    "input-required-result-multi-round",
    "input-required-result-result-type",
    "input-required-result-tampered-state",
    "tasks-mrtr-input",
  ],
  "no prompt asks": ["input-required-result-non-tool-request"],
  "a start needs no task": ["tasks-required-task-error"],
  "no start asks before there is a job": ["tasks-mrtr-composition"],
};

/** Single checks that say nothing of this program, in scenarios that do; each fails. */
const CHECKS_NOT_OURS: Readonly<Record<string, readonly string[]>> = {
  "no tool here needs what a host may lack": [
    "server-stateless: sep-2575-server-rejects-undeclared-capability",
    "server-stateless: sep-2575-missing-capability-http-400",
  ],
  "no job ends with an error of the protocol": ["tasks-lifecycle: sep-2663-tasks-get-status-failed"],
  "it wants the very words of a tool of its own": [
    "tasks-request-headers: tasks-headers-tolerate-mcp-method-on-tools-call",
  ],
  "it needs a tool that asks": [
    "tasks-dispatch-and-envelope: tasks-result-type-complete-on-non-task-responses",
  ],
};

const TASKS = [
  "tasks-lifecycle",
  "tasks-capability-negotiation",
  "tasks-wire-fields",
  "tasks-request-state-removal",
  "tasks-mrtr-input",
  "tasks-request-headers",
  "tasks-dispatch-and-envelope",
  "tasks-required-task-error",
  "tasks-mrtr-composition",
];

const RUNS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  "2025-06-18": [["--suite", "all", "--spec-version", "2025-06-18"]],
  "2025-11-25": [["--suite", "all", "--spec-version", "2025-11-25"]],
  "2026-07-28": [["--suite", "all", "--spec-version", "2026-07-28"]],
  "the Tasks extension": TASKS.map((name) => ["--scenario", name]),
};

/** Scenarios that have to be among those of each run, so that an empty suite is no pass. */
const LEAST: Readonly<Record<string, number>> = {
  "2025-06-18": 10,
  "2025-11-25": 12,
  "2026-07-28": 12,
  "the Tasks extension": 6,
};

const scenariosNotOurs = new Set(Object.values(NOT_OURS).flat());
const checksNotOurs = new Set(Object.values(CHECKS_NOT_OURS).flat());

/** A scenario that says nothing of this program still exchanges messages, and those must be right. */
const WIRE = "wire-schema-valid";

/** How often a scenario is run that fails. */
const MOST_TIMES = 3;

function isFault({ scenario, id, status }: Check): boolean {
  const isOurs = id === WIRE || !(scenariosNotOurs.has(scenario) || checksNotOurs.has(`${scenario}: ${id}`));
  return isOurs && status === "FAILURE";
}

/** The suite's arguments for one revision. */
function versionOf(revision: string): string[] {
  return /^\d/.test(revision) ? ["--spec-version", revision] : [];
}

for (const [revision, runs] of Object.entries(RUNS)) {
  Deno.test(`conformance suite, ${revision}: every scenario that applies passes`, async () => {
    await using state = makeStateHome();
    await using stack = new AsyncDisposableStack();
    stack.defer(() => shutDown(state));
    const bridge = stack.use(
      new Bridge({ command: [...programCommand(), "mcp"], env: hostEnvironment(state), cwd: state.cwd }),
    );
    await bridge.warmUp();
    let checks: Check[] = [];
    for (const chosen of runs) checks.push(...await runSuite(bridge.url, chosen));
    for (let time = 1; time < MOST_TIMES; time++) {
      // The suite has time limits of its own, of half a second some of them.
      for (const scenario of new Set(checks.filter(isFault).map((check) => check.scenario))) {
        const again = await runSuite(bridge.url, ["--scenario", scenario, ...versionOf(revision)]);
        checks = [...checks.filter((check) => check.scenario !== scenario), ...again];
      }
    }
    const failed = checks.filter(({ status }) => status === "FAILURE");
    assert.deepEqual(failed.filter(isFault), []);
    const seen = new Set(checks.map(({ scenario }) => scenario));
    const stale = [
      ...seen.intersection(scenariosNotOurs).difference(new Set(failed.map(({ scenario }) => scenario))),
      ...checks.filter(({ status }) => status === "SUCCESS").map(({ scenario, id }) => `${scenario}: ${id}`)
        .filter((name) => checksNotOurs.has(name)),
    ];
    assert.deepEqual(stale, [], "these pass, so they are to be taken out of the lists");
    const passed = seen.difference(scenariosNotOurs);
    assert.ok(passed.size >= (LEAST[revision] ?? 1), [...passed].join(", "));
  });
}
