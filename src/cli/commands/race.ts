/**
 * Room `cli`: the command `race`.
 *
 * @module
 */
import * as z from "zod";
import { plainText } from "../../domain/event/transcript.ts";
import type { JobResult } from "../../domain/job/result.ts";
import { defineCommand } from "../command.ts";
import { type Context, printJson, tell } from "../context.ts";
import { EXIT, UsageError } from "../entry/exit_code.ts";
import {
  JOB_OPTIONS,
  jobShape,
  JSON_OPTION,
  PROMPT_ARGUMENT,
  startRequestOf,
} from "../jobs/start_options.ts";
import type { JobService } from "../../service/job_service.ts";
import type { Origin } from "../../service/requests.ts";
import { hasPassed, startRace, watchRace, winnerOf } from "../race/race.ts";
import { moneyNotes, outcomeOf, raceTable } from "../race/race_table.ts";
import { applyText } from "../render/diff_text.ts";
import { Switch, Word, Words } from "../values.ts";

/** Options of a start that each racer gets from the race itself. */
const OWN = ["-a, --agent", "--isolation", "--fallback", "--request-key", "--after"];

export const raceCommand = defineCommand({
  name: "race",
  summary: "Give one task to several agents, and compare their work",
  details:
    "Each works in a repository of its own. Those that pass are done, with their check where there is one; " +
    "the winner has the fewest doubts and came first, or is whom the judge names. " +
    "Ctrl-C leaves the jobs running; their group can be waited for, shown and cancelled.",
  arguments: [PROMPT_ARGUMENT],
  options: [
    { flags: "-a, --agent <agent>", summary: "an agent that takes part; two or more", isRepeatable: true },
    ...JOB_OPTIONS.filter(({ flags }) => !OWN.some((own) => flags.startsWith(own))),
    { flags: "--first", summary: "the first that passes ends the others" },
    {
      flags: "--judge <agent>",
      summary: "an agent that reads the works of those that passed, and names the winner",
    },
    {
      flags: "--apply <which>",
      summary: "winner: takes its work over, and removes the places of the others",
      words: ["winner"],
    },
    JSON_OPTION,
  ],
  examples: [
    {
      line: `race -a codex -a claude --check test "fix the date bug"`,
      says: "Who passes, and with how much.",
    },
    { line: `race -a codex -a gemini --first --apply winner "..."`, says: "Takes what passes first." },
  ],
  json: "{ group, jobs: [job result], winner: job result or null, applied, why? }",
  input: z.object({
    ...jobShape,
    agent: Words,
    first: Switch,
    judge: Word.optional(),
    apply: z.enum(["winner"], { error: "must be winner" }).optional(),
    json: Switch,
  }).omit({ isolation: true, fallback: true, requestKey: true, after: true }),
  async run(input, context) {
    if (input.agent.length < 2) throw new UsageError("--agent: name two or more that take part");
    const service = await context.service();
    const request = await startRequestOf(
      { ...input, agent: input.agent[0] ?? "", fallback: [], after: [] },
      context,
    );
    if (input.judge !== undefined) await requireAgent(input.judge, request.origin, service);
    const { group, ids } = await startRace(request, input.agent, service);
    await tell(
      context,
      `Group ${group}: ${ids.map((id, index) => `${input.agent[index]} ${id}`).join(", ")}`,
    );
    const signal = context.interrupt;
    const ended = await watchRace(ids, {
      service,
      signal,
      isFirst: input.first,
      onEnd: (job) => tell(context, `${job.agent} ${job.job_id}: ${outcomeOf(job)}`),
    });
    const jobs = ids.flatMap((id) => ended.find(({ job_id }) => job_id === id) ?? []);
    const passed = ended.filter(hasPassed);
    const judged = input.judge === undefined || passed.length < 2
      ? { winner: winnerOf(ended), why: undefined }
      : await (await import("../race/judge.ts")).judgeRace(passed, request, {
        agent: input.judge,
        service,
        signal,
      });
    const { winner, why } = judged;
    const applied = winner !== null && input.apply === "winner"
      ? await takeWinner(winner, jobs, context)
      : false;
    if (input.json) {
      await printJson(context, { group, jobs, winner, applied, ...(why === undefined ? {} : { why }) });
    } else {
      await context.io.stdout.write(raceTable(jobs, winner, context));
      for (const note of moneyNotes(jobs)) await tell(context, note);
      if (why !== undefined) await tell(context, plainText(why));
    }
    return winner !== null && (input.apply === undefined || applied) ? EXIT.done : EXIT.failed;
  },
});

/** A judge is needed only when the agents have worked: one that there is not would be found too late. */
async function requireAgent(judge: string, origin: Origin, service: JobService): Promise<void> {
  const { agents } = await service.queue({ origin });
  if (agents.some(({ name }) => name === judge)) return;
  throw new UsageError(`--judge: there is no agent ${judge}`, {
    hint: `Known agents: ${agents.map(({ name }) => name).join(", ")}.`,
  });
}

/** Takes the winner's work over. Then the places of the others go; their changes can still be seen and taken over. */
async function takeWinner(winner: JobResult, jobs: readonly JobResult[], context: Context): Promise<boolean> {
  const service = await context.service();
  const result = await service.apply({ job_id: winner.job_id, action: "apply" });
  await context.io.stderr.write(applyText(result, context.style));
  if (result.conflicts.length > 0) return false;
  for (const { job_id } of jobs) {
    if (job_id !== winner.job_id) await service.apply({ job_id, action: "discard" });
  }
  return true;
}
