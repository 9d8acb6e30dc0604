/**
 * The monitor as a whole, with a terminal in memory and a scripted service.
 *
 * @module
 */
import assert from "node:assert/strict";
import { paletteFor } from "../../../src/cli/monitor/palette.ts";
import { type MonitorEnd, runMonitor } from "../../../src/cli/monitor/run_monitor.ts";
import type { Terminal, TerminalEvents } from "../../../src/cli/monitor/terminal.ts";
import { AgentAsyncError } from "../../../src/domain/errors.ts";
import type { DaemonControl } from "../../../src/service/daemon_control.ts";
import { systemClock } from "../../../src/system/clock.ts";
import { eventually } from "../../support/eventually.ts";
import { aBrief, JOB_ID, ScriptedService, untilGivenUp } from "../../support/scripted_service.ts";
import { aDaemonStatus } from "../../support/daemon_status.ts";

class MemoryTerminal implements Terminal {
  readonly size = { columns: 100, rows: 30 };
  /** `enter`, `leave` and `stop`, in order. */
  readonly steps: string[] = [];
  written = "";
  writes = 0;
  /** Whether the terminal takes nothing more. */
  isStuck = false;
  events: TerminalEvents | null = null;
  #typed: ((bytes: Uint8Array | null) => void) | null = null;

  enter(): void {
    this.steps.push("enter");
  }

  leave(): void {
    if (this.steps.at(-1) !== "leave") this.steps.push("leave");
  }

  stop(): void {
    this.steps.push("stop");
  }

  write(text: string): Promise<void> {
    this.writes += 1;
    this.written += text;
    return this.isStuck ? new Promise(() => {}) : Promise.resolve();
  }

  read(): Promise<Uint8Array | null> {
    return new Promise((resolve) => this.#typed = resolve);
  }

  listen(events: TerminalEvents): Disposable {
    this.events = events;
    return { [Symbol.dispose]: () => this.events = null };
  }

  async type(text: string | null): Promise<void> {
    const typed = await eventually(() => this.#typed, { what: "a reader of keys" });
    this.#typed = null;
    typed(text === null ? null : new TextEncoder().encode(text));
  }

  async shows(what: string): Promise<void> {
    await eventually(() => this.written.includes(what), { what });
  }
}

const unscripted = () => Promise.reject(new Error("was not expected to be asked"));

const CONTROL: DaemonControl = {
  ping: unscripted,
  stop: unscripted,
  handover: unscripted,
  status: () => Promise.resolve(aDaemonStatus()),
};

type Overrides = ConstructorParameters<typeof ScriptedService>[0];

/** News only when asked at once: nothing changes. */
const QUIET: Overrides = {
  feed: (request, call) =>
    (request.wait_seconds ?? 0) === 0
      ? Promise.resolve({ notifications: [], cursor: 1 })
      : untilGivenUp(call),
  events: (_request, call) => untilGivenUp(call),
  transcript: (request, call) =>
    (request.wait_seconds ?? 0) === 0
      ? Promise.resolve({ text: "I begin.\n", offset: 9, status: "running", more: false })
      : untilGivenUp(call),
};

function start(overrides: Overrides = {}) {
  const terminal = new MemoryTerminal();
  const service = new ScriptedService({ ...QUIET, ...overrides });
  const interrupt = new AbortController();
  const end: Promise<MonitorEnd> = runMonitor({
    terminal,
    service,
    control: CONTROL,
    clock: systemClock,
    asker: "person",
    origin: { env: {}, session: "test" },
    version: "1.2.3",
    home: undefined,
    palette: paletteFor({ NO_COLOR: "1" }),
    interrupt: interrupt.signal,
  });
  return { terminal, service, interrupt, end };
}

Deno.test("monitor: takes the terminal, shows what there is, and gives it back on q", async () => {
  const { terminal, end } = start();
  await terminal.shows("I begin.");
  await terminal.type("q");
  assert.deepEqual([await end, terminal.steps, terminal.events], ["quit", ["enter", "leave"], null]);
});

Deno.test("monitor: Ctrl-C, an interrupt from outside, a signal and the end of input end it, each by its name", async () => {
  const ends = [
    async ({ terminal }: ReturnType<typeof start>) => await terminal.type("\x03"),
    ({ interrupt }: ReturnType<typeof start>) => Promise.resolve(interrupt.abort()),
    ({ terminal }: ReturnType<typeof start>) => Promise.resolve(terminal.events?.ended("SIGTERM")),
    async ({ terminal }: ReturnType<typeof start>) => await terminal.type(null),
  ];
  const names: MonitorEnd[] = [];
  for (const leave of ends) {
    const monitor = start();
    await monitor.terminal.shows(JOB_ID);
    await leave(monitor);
    names.push(await monitor.end);
    assert.deepEqual(monitor.terminal.steps, ["enter", "leave"]);
  }
  assert.deepEqual(names, ["interrupted", "interrupted", "SIGTERM", "SIGHUP"]);
});

Deno.test("monitor: what keeps the first look from succeeding is its error, after the terminal is given back", async () => {
  const { terminal, end } = start({
    queue: () => Promise.reject(new AgentAsyncError("config_invalid", "config.json cannot be used")),
  });
  await assert.rejects(end, { code: "config_invalid" });
  assert.deepEqual(terminal.steps, ["enter", "leave"]);
});

Deno.test("monitor: later failures are said and tried again until they pass", async () => {
  let failures = 0;
  const { terminal, end } = start({
    feed: (request, call) => {
      if ((request.wait_seconds ?? 0) === 0) return Promise.resolve({ notifications: [], cursor: 1 });
      if (failures++ > 0) return untilGivenUp(call);
      return Promise.reject(new AgentAsyncError("daemon_unreachable", "No daemon answers"));
    },
  });
  await terminal.shows("reconnecting ...");
  terminal.written = "";
  await terminal.shows("daemon 1.2.3");
  await terminal.type("q");
  assert.equal(await end, "quit");
});

Deno.test("monitor: a queue that is behind the records is not believed", async () => {
  const ended = aBrief({ status: "done", reason: "completed", finished_at: "2026-01-01T00:01:00.000Z" });
  const { terminal, end } = start({ list: () => Promise.resolve({ jobs: [ended], total: 1 }) });
  await terminal.shows("0/4 running");
  await terminal.shows(`✓ ${JOB_ID}`);
  await terminal.type("q");
  await end;
});

Deno.test("monitor: cancel and reply reach the service, and its answer is shown, also when it refuses", async () => {
  const { terminal, service, end } = start({
    reply: () =>
      Promise.reject(
        new AgentAsyncError("conflict", "This agent has no sessions", { hint: "Use job_list." }),
      ),
  });
  await terminal.shows(JOB_ID);
  await terminal.type("cy");
  await terminal.shows("Nothing of it is left running.");
  await terminal.type("r");
  await terminal.type("go on\r");
  await terminal.shows("This agent has no sessions. Use agent-async list.");
  await terminal.type("q");
  await end;
  assert.deepEqual(service.asked("cancel"), [{ job_id: JOB_ID }]);
  const [request] = service.asked("reply").map((asked) => JSON.parse(JSON.stringify(asked)));
  assert.deepEqual([request.job_id, request.prompt], [JOB_ID, "go on"]);
});

Deno.test("monitor: d asks what an ended job changed and shows it, or why that is not known", async () => {
  const ended = { status: "done", activity: undefined, finished_at: "2026-01-01T00:00:09.000Z" } as const;
  const known = new ScriptedService();
  let isKnown = false;
  const { terminal, service, end } = start({
    list: () => Promise.resolve({ jobs: [aBrief(ended)], total: 1 }),
    queue: () =>
      Promise.resolve({
        busy: false,
        running: [],
        pending: [],
        pending_count: 0,
        limits: { total: 4, depth: 4 },
        agents: [],
      }),
    diff: (request, call) =>
      isKnown
        ? known.diff(request, call)
        : Promise.reject(new AgentAsyncError("conflict", "It is not known (no_snapshot)")),
  });
  await terminal.shows("I begin.");
  await terminal.type("d");
  await terminal.shows("It is not known (no_snapshot)");
  isKnown = true;
  await terminal.type("d");
  await terminal.shows("a.txt  changed  +1 -1");
  await terminal.type("q");
  await end;
  assert.deepEqual(service.asked("diff")[0], { job_id: JOB_ID, stat: true });
});

Deno.test("monitor: what a job changed is taken over, and conflicts are named", async () => {
  const ended = { job_id: JOB_ID, status: "done", finished_at: "2026-01-01T00:00:00.000Z" } as const;
  let isInTheWay = true;
  const { terminal, service, end } = start({
    list: () => Promise.resolve({ jobs: [aBrief({ ...ended, work: "not_applied" })], total: 1 }),
    queue: () =>
      Promise.resolve({
        busy: false,
        running: [],
        pending: [],
        pending_count: 0,
        limits: { total: 4, depth: 4 },
        agents: [],
      }),
    apply: ({ job_id, action = "apply" }) =>
      Promise.resolve({
        job_id,
        action,
        files: [],
        conflicts: isInTheWay ? [{ path: "a.txt", lines: "3-4", why: "was changed here too" }] : [],
        message: isInTheWay ? "Nothing was changed" : "Took over 1 file",
      }),
  });
  await terminal.shows("A apply");
  await terminal.type("A");
  await terminal.type("y");
  await terminal.shows("Nothing was changed; a.txt, lines 3-4: was changed here too");
  isInTheWay = false;
  await terminal.type("U");
  await terminal.type("y");
  await terminal.shows("Took over 1 file");
  await terminal.type("q");
  await end;
  assert.deepEqual(service.asked("apply"), [
    { job_id: JOB_ID, action: "apply" },
    { job_id: JOB_ID, action: "undo" },
  ]);
});

Deno.test("monitor: suspended it writes nothing, resumed it draws everything", async () => {
  const { terminal, end } = start();
  await terminal.shows("I begin.");
  await terminal.type("\x1a");
  await eventually(() => terminal.steps.at(-1) === "stop", { what: "the stop" });
  assert.deepEqual(terminal.steps, ["enter", "leave", "stop"]);
  terminal.written = "";
  await terminal.type("j");
  terminal.events?.continued();
  await terminal.shows("\x1b[2J");
  await terminal.shows("I begin.");
  await terminal.type("q");
  await end;
  assert.deepEqual(terminal.steps, ["enter", "leave", "stop", "enter", "leave"]);
});

Deno.test("monitor: a terminal that takes nothing is not sent more, and does not keep it from ending", async () => {
  const { terminal, end } = start();
  await terminal.shows("I begin.");
  terminal.isStuck = true;
  await terminal.type("?");
  await terminal.shows("Keys");
  const { writes } = terminal;
  for (const key of ["x", "?", "x"]) await terminal.type(key);
  await terminal.type("q");
  assert.equal(await end, "quit");
  assert.equal(terminal.writes, writes);
});
