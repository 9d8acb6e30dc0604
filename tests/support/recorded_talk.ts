/**
 * Support for tests: whole talks over ACP, recorded from the real agents, and what a talk of ours makes of one of their
 * turns. `>>` is what was said to the agent then, `<<` what it said.
 *
 * @module
 */
import { acpDriver } from "../../src/agents/acp/driver.ts";
import type { AcpAgent } from "../../src/agents/acp/agent.ts";
import type { TalkContext, TalkInput } from "../../src/agents/live_driver.ts";
import type { Reading } from "../../src/agents/turn_reader.ts";
import type { EventBody } from "../../src/domain/event/event_body.ts";
import type { AskedQuestion } from "../../src/domain/question/question.ts";
import type { Terminal } from "../../src/domain/turn/turn.ts";
import { recordedLines } from "./recorded.ts";

export type TalkStep = { readonly line: string } | { readonly input: TalkInput };

/** Our own ids of the requests that the recordings have under ids of their own. */
const OWN: Readonly<Record<string, number>> = {
  "initialize": 1,
  "session/new": 2,
  "session/set_mode": 10,
  "session/prompt": 3,
};

/**
 * One turn of a recorded talk with its beginning, as our talk would get it: the recorded answers and interrupts are
 * inputs.
 *
 * @param turn 1 for the first
 */
export function recordedTurn(name: string, turn = 1): TalkStep[] {
  const steps: TalkStep[] = [{ input: { kind: "open" } }];
  const own = new Map<number, number>();
  const offered = new Map<number, { optionId: string; kind: string }[]>();
  let prompts = 0;
  for (const recorded of recordedLines(name)) {
    const message = /^(>>|<<) /.test(recorded) ? JSON.parse(recorded.slice(3)) : null;
    if (message === null) continue;
    const isOurs = recorded.startsWith(">>");
    if (isOurs && message.method === "session/prompt") prompts++;
    if (prompts > 0 && prompts !== turn) continue;
    if (!isOurs) {
      if (message.params?.options !== undefined) offered.set(message.id, message.params.options);
      const id = message.method === undefined ? own.get(message.id) : undefined;
      steps.push({ line: JSON.stringify(id === undefined ? message : { ...message, id }) });
    } else if (message.method === "session/cancel") steps.push({ input: { kind: "interrupt" } });
    else if (message.method !== undefined) {
      own.set(message.id, OWN[message.method] ?? message.id);
      const text = message.params.prompt?.[0]?.text;
      if (text !== undefined) steps.push({ input: { kind: "prompt", text } });
    } else if (message.result?.outcome !== undefined) {
      const { outcome, optionId } = message.result.outcome;
      const kind = offered.get(message.id)?.find((each) => each.optionId === optionId)?.kind ?? "";
      const option = kind.startsWith("allow") ? "allow" : "reject";
      const question_id = String(message.id);
      if (outcome === "selected") steps.push({ input: { kind: "answer", question_id, answer: { option } } });
    }
  }
  return steps;
}

export interface HeldTalk {
  readonly events: EventBody[];
  readonly terminal: Terminal | null;
  readonly said: { key: string; message: Record<string, unknown> }[];
  readonly asked: AskedQuestion[];
  readonly heard: string[];
  readonly isOver: boolean;
}

export const TALK_CONTEXT: TalkContext = {
  sessionId: null,
  sessionUsage: null,
  startedAt: 0,
  cwd: "/repo",
  policy: "ask",
  model: null,
  newSessionId: "00000000-0000-4000-8000-000000000000",
  mcp: "none",
  mcpServers: [],
  gitDirs: [],
  tempDirs: [],
  nestedRepositories: [],
  untrustedRoots: [],
  version: null,
};

export const ANY_AGENT: AcpAgent = {
  title: "Agent",
  policies: ["suggest", "auto-edit", "ask", "full-auto"],
  settings: () => null,
  command: () => ({ args: [], env: {}, stdin: "channel" }),
  takesModel: false,
  authMethod: null,
  loginHint: null,
  failures: [],
  steers: false,
};

export function holdTalk(
  steps: readonly TalkStep[],
  { context = {}, agent = {} }: { context?: Partial<TalkContext>; agent?: Partial<AcpAgent> } = {},
): HeldTalk {
  const talk = acpDriver({ ...ANY_AGENT, ...agent }).talk({ ...TALK_CONTEXT, ...context });
  const readings: Reading[] = steps.map((step) =>
    "line" in step ? talk.read(step.line) : talk.apply(step.input)
  );
  readings.push(talk.finish());
  return {
    events: readings.flatMap(({ events }) => events),
    terminal: readings.reduce<Terminal | null>((last, { terminal }) => terminal ?? last, null),
    said: readings.flatMap(({ says = [] }) => says).map(({ key, line }) => ({
      key,
      message: JSON.parse(line),
    })),
    asked: readings.flatMap(({ asks = [] }) => asks),
    heard: readings.flatMap(({ heard = [] }) => heard),
    isOver: talk.isOver,
  };
}
