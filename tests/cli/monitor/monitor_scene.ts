/**
 * A monitor with something to show, for tests.
 *
 * @module
 */
import type { Key } from "../../../src/cli/monitor/keys.ts";
import { initialState, type MonitorState } from "../../../src/cli/monitor/monitor_state.ts";
import { paletteFor } from "../../../src/cli/monitor/palette.ts";
import type { Action, Effect } from "../../../src/cli/monitor/action.ts";
import { reduce } from "../../../src/cli/monitor/reduce.ts";
import { renderMonitor } from "../../../src/cli/monitor/render_monitor.ts";
import type { Brief, JobResult } from "../../../src/domain/job/result.ts";
import { aBrief, aResult } from "../../support/scripted_service.ts";

export const SCENE_NOW = Date.parse("2026-01-01T00:10:00.000Z");

function at(seconds: number): string {
  return new Date(SCENE_NOW - seconds * 1_000).toISOString();
}

const RUNNING = [
  aBrief({
    job_id: "7kq2m9xa",
    activity: "running: npm test -- --watch=false",
    started_at: at(200),
    cwd: "/home/user/site",
    prompt: "Make the tests pass and explain what was wrong with them",
  }),
  aBrief({
    job_id: "b3c4d5e6",
    agent: "claude",
    activity: "thinking",
    started_at: at(3_725),
    cwd: "/srv/日本語",
    prompt: "日本語のドキュメントを書いてください",
  }),
];

const PENDING = [
  aBrief({
    job_id: "c5d6e7f8",
    agent: "gemini",
    status: "pending",
    activity: undefined,
    created_at: at(42),
    started_at: null,
    waiting_for: "job 7kq2m9xa",
    prompt: "Review the changes",
  }),
];

const FINISHED = [
  aBrief({
    job_id: "d7e8f9g0",
    status: "done",
    reason: "completed",
    finished_at: at(180),
    activity: undefined,
    prompt: "Write a changelog",
  }),
  aBrief({
    job_id: "e9f0g1h2",
    status: "error",
    reason: "quota_exhausted",
    finished_at: at(7_300),
    activity: undefined,
    prompt: "Port the parser\x1b[31m to TypeScript",
  }),
  aBrief({
    job_id: "f1g2h3j4",
    status: "cancelled",
    reason: "cancelled",
    finished_at: at(200_000),
    activity: undefined,
    prompt: "Rename everything",
  }),
];

export function detailOf(job: Brief, change: Partial<JobResult> = {}) {
  const { output: _output, result: _result, ...detail } = aResult({ ...job, exit_code: null, ...change });
  return detail;
}

const USAGE = {
  input_tokens: 12_000,
  cached_input_tokens: 0,
  output_tokens: 345,
  total_tokens: 12_345,
  cost_usd: 0.0421,
};

export const TRANSCRIPT = [
  "[session 01a1f8b8]",
  "",
  "I will run the tests first.",
  "",
  "$ npm test",
  "  1 failing",
  "[command failed (exit 1)]",
  "[changed /home/user/site/src/parser.ts]",
  "",
  "The parser dropped the last token.",
  "",
].join("\n");

export class Scene {
  state: MonitorState;
  readonly effects: Effect[] = [];

  constructor(columns: number, rows: number) {
    this.state = initialState({
      size: { columns, rows },
      now: SCENE_NOW,
      version: "1.2.3",
      home: "/home/user",
    });
  }

  static full(columns: number, rows: number): Scene {
    const scene = new Scene(columns, rows);
    scene.act({ type: "link", link: { kind: "up" } });
    scene.jobs({});
    scene.act({
      type: "details",
      details: [
        detailOf(RUNNING[0] ?? aBrief(), {
          activity: "running: npm test -- --watch=false",
          last_event_at: at(2),
          usage: USAGE,
        }),
        detailOf(RUNNING[1] ?? aBrief(), { activity: "thinking", last_event_at: at(130) }),
        detailOf(FINISHED[0] ?? aBrief(), { usage: USAGE }),
        detailOf(FINISHED[1] ?? aBrief(), {
          error: "You have hit your usage limit.",
          hint: "Wait, then continue with job_reply.",
        }),
        detailOf(FINISHED[2] ?? aBrief()),
      ],
    });
    scene.read(TRANSCRIPT);
    return scene;
  }

  act(...actions: Action[]): this {
    for (const action of actions) {
      const { state, effects } = reduce(this.state, action);
      this.state = state;
      this.effects.push(...effects);
    }
    return this;
  }

  jobs(
    change: Partial<Pick<MonitorState, "running" | "pending" | "finished" | "activeSince">>,
  ): this {
    const found = { running: RUNNING, pending: PENDING, finished: FINISHED, ...change };
    return this.act({
      type: "jobs",
      daemonVersion: "1.2.3",
      limit: 4,
      activeSince: new Map(),
      ...found,
      pendingCount: found.pending.length,
    });
  }

  /** The transcript of the selected job, read to its end. */
  read(text: string): this {
    const jobId = this.state.selected ?? "";
    return this.act(
      { type: "transcript_begun", jobId },
      { type: "transcript_grown", jobId, text, isRead: true },
    );
  }

  press(...keys: (string | Key)[]): this {
    for (const key of keys) this.act({ type: "key", key: typeof key === "string" ? keyOf(key) : key });
    return this;
  }

  type(text: string): this {
    return this.press(...[...text].map((character) => ({ kind: "text" as const, text: character })));
  }

  /** Without colours and spaces at the ends. */
  get lines(): readonly string[] {
    return renderMonitor(this.state, paletteFor({ NO_COLOR: "1" })).lines.map((line) => line.trimEnd());
  }

  get screen(): string {
    return this.lines.join("\n");
  }
}

function keyOf(name: string): Key {
  return name.length === 1 ? { kind: "text", text: name } : { kind: "named", name: name as never };
}
