/**
 * Room `scheduler`: reads the parts of a turn's prompt: the project's rules, and what earlier turns were asked and did.
 * Their wording is in `domain/turn/prompt.ts`.
 *
 * @module
 */
import type { AgentDriver } from "../../agents/driver.ts";
import type { EventBody } from "../../domain/event/event_body.ts";
import type { Job } from "../../domain/job/job.ts";
import type { PromptParts } from "../../domain/turn/prompt.ts";
import type { ReplayTurn } from "../../domain/turn/replay.ts";
import type { TurnRequest } from "../../domain/turn/turn.ts";
import { readEvents } from "../../kernel/events/event_reader.ts";
import type { JobDirectory } from "../../kernel/job_directory.ts";
import { formNote } from "./check/result_form.ts";
import { readAsked, readOutcome, readRules } from "./files.ts";
import { isIsolated } from "./where.ts";
import { readMemories, readRulesForOthers } from "./project_rules.ts";

export interface Prompted {
  request: TurnRequest;
  directory: JobDirectory;
  driver: AgentDriver;
  /** The prompt as the caller wrote it. */
  asked: string;
  /** Project directories whose settings the agent is not to trust. */
  untrustedRoots: readonly string[];
}

/** With the project's rules as this turn finds them, for comparison by the session's next turn. */
export async function readPromptParts(
  job: Job,
  turn: Prompted,
): Promise<{ parts: PromptParts; rules: string }> {
  const { request, directory, driver, asked } = turn;
  const rules = projectRules(job, turn);
  const replays = driver.replaysConversation === true;
  const parts = {
    asked,
    note: job.tree.kind === "git" && !isIsolated(job)
      ? driver.promptNote?.(asked, job.approval_policy) ?? null
      : null,
    form: request.result_schema === undefined || request.is_form_repair === true ||
        driver.takesResultSchema?.(request.result_schema) === true
      ? null
      : formNote(request.result_schema),
    isInterrupted: request.origin === "retry" && (replays || job.session_id !== null),
    conversation: replays ? await earlierTurns(job, directory) : [],
    rules: isKnown(rules, job, directory) ? "" : rules,
  };
  return { parts, rules };
}

/** The project's rules and memories. */
function projectRules(job: Job, { driver, untrustedRoots }: Prompted): string {
  const memories = driver.memoriesLeftOut?.({ policy: job.approval_policy, untrustedRoots }) ?? null;
  return [
    memories === null ? "" : readMemories(job.cwd, { top: job.tree.root, memories }),
    readRulesForOthers(job.cwd, driver.name),
  ].filter((text) => text !== "").join("\n");
}

/** Whether the turn before gave the same rules to this session. */
function isKnown(rules: string, job: Job, directory: JobDirectory): boolean {
  return job.session_id !== null && job.previous_turn !== null &&
    readRules(directory.turn(job.previous_turn)) === rules;
}

/**
 * The conversation of all earlier turns, oldest first. Turns of another agent are left out: an agent takes over only
 * where nothing was done, and is asked the same again.
 */
async function earlierTurns(job: Job, directory: JobDirectory): Promise<ReplayTurn[]> {
  if (job.previous_turn === null) return [];
  const earlier = directory.turns().filter((turn) =>
    turn !== job.turn && readOutcome(directory.turn(turn))?.agent === job.agent
  );
  const events = new Map<number, EventBody[]>(earlier.map((turn) => [turn, []]));
  let cursor = 0;
  for (let more = true; more;) {
    const page = await readEvents(directory, {
      after: cursor,
      limit: 500,
      truncate: 20_000,
      maxChars: 10_000_000,
    });
    for (const event of page.events) events.get(event.turn)?.push(event);
    ({ cursor, more } = page);
  }
  return [...events].map(([turn, bodies]) => ({
    prompt: readAsked(directory.turn(turn)),
    events: bodies,
  }));
}
