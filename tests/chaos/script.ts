/**
 * Chaos: jobs for the scripted agent, drawn at random, and what has to become of each.
 *
 * @module
 */
import type { JobResult } from "../../src/domain/job/result.ts";
import type { SeededRandom } from "../support/seeded_random.ts";

export interface Expected {
  status: JobResult["status"];
  reason: string;
  /** `undefined` where it is the agent's and the moment's affair. */
  exitCode: number | null | undefined;
  result: string | null | undefined;
  /** What the agent says, in order. */
  messages: readonly string[];
}

export interface Script {
  prompt: string;
  expected: Expected;
}

const ENDS = ["done", "done", "done", "done", "fail", "exit", "quit", "die", "torn"] as const;

/** How a turn of the scripted agent has to end, and the last lines of the prompt that make it so. */
function ending(kind: (typeof ENDS)[number], random: SeededRandom) {
  switch (kind) {
    case "done":
      return { lines: [], status: "done", reason: "completed", exitCode: 0 } as const;
    case "fail":
      return { lines: ["fail it went wrong"], status: "error", reason: "agent_error", exitCode: 1 } as const;
    case "exit": {
      const code = 3 + random.below(60);
      return { lines: [`exit ${code}`], status: "error", reason: "exit_code", exitCode: code } as const;
    }
    case "quit":
      return { lines: ["quit"], status: "error", reason: "no_result", exitCode: 0 } as const;
    case "die":
      return { lines: ["die KILL"], status: "error", reason: "exit_code", exitCode: 137 } as const;
    case "torn":
      return {
        lines: ['half {"type":"item.completed","item":{"id":"x","type":"agent_mess', "exit 9"],
        status: "error",
        reason: "exit_code",
        exitCode: 9,
      } as const;
  }
}

/**
 * A turn that notes in `ledger` that it ran, says a few things that nobody else says, takes a moment, and ends in one
 * of the ways an agent can.
 */
export function randomScript(random: SeededRandom, options: { token: string; ledger: string }): Script {
  const { token, ledger } = options;
  const lines = [`run echo ${token} >>'${ledger}'`];
  const messages: string[] = [];
  for (let n = 0; n < 1 + random.below(5); n++) {
    if (random.below(3) === 0) lines.push(`sleep 0.${random.below(4)}${random.below(10)}`);
    if (random.below(4) === 0) lines.push(`run echo ${"x".repeat(random.below(300))}`);
    if (random.below(6) === 0) lines.push(`flood ${random.below(40_000)}`, "raw ");
    const message = `${token} says ${n} “ÿ€𝄞”`;
    lines.push(`say ${message}`);
    messages.push(message);
  }
  const { lines: last, ...end } = ending(random.pick(ENDS), random);
  const prompt = [...lines, ...last].join("\n");
  return { prompt, expected: { ...end, result: messages.at(-1) ?? null, messages } };
}

/** A turn that goes on until it is cancelled. */
export function endlessScript(options: { token: string; ledger: string }): Script {
  const { token, ledger } = options;
  return {
    prompt: `run echo ${token} >>'${ledger}'\nsay ${token} hangs\nignore TERM\nescape 600\nwait never`,
    expected: {
      status: "cancelled",
      reason: "cancelled",
      exitCode: undefined,
      result: undefined,
      messages: [],
    },
  };
}
