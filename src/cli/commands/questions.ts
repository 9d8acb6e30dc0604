/**
 * Room `cli`: the command `questions`.
 *
 * @module
 */
import * as z from "zod";
import { jobLine } from "../../domain/job/job_line.ts";
import type { QuestionsResult } from "../../service/question_requests.ts";
import { defineCommand } from "../command.ts";
import { type Context, printJson, tell } from "../context.ts";
import { EXIT } from "../entry/exit_code.ts";
import { askerOf } from "../jobs/asker.ts";
import { resolveJobs } from "../jobs/job_reference.ts";
import { JSON_OPTION } from "../jobs/start_options.ts";
import { homePath } from "../render/home_path.ts";
import { oneLine, questionText } from "../render/question_text.ts";
import { distanceText } from "../render/time.ts";
import { Switch, Words } from "../values.ts";

export const questionsCommand = defineCommand({
  name: "questions",
  summary: "Show what the agents of running jobs ask",
  arguments: [{
    name: "ID",
    summary: "only these jobs; an id, the beginning of one, or last",
    isOptional: true,
    isVariadic: true,
  }],
  options: [JSON_OPTION],
  examples: [{ line: "questions", says: "Everything that is open, with all detail." }],
  json:
    "{ asking: [{ job_id, agent, title?, prompt, cwd, approval_policy, questions: [question], refusal? }] }",
  input: z.object({ id: Words, json: Switch }),
  async run(input, context) {
    const options = { signal: context.interrupt };
    const service = await context.service();
    const ids = input.id.length === 0 ? undefined : await resolveJobs(service, input.id, options);
    const result = await service.questions({ job_ids: ids, as: askerOf(context.io) }, options);
    if (input.json) await printJson(context, result);
    else if (result.asking.length === 0) await tell(context, "Nobody asks anything.");
    else for (const asking of result.asking) await print(asking, context);
    return EXIT.done;
  },
});

async function print(asking: QuestionsResult["asking"][number], context: Context): Promise<void> {
  const { io: { stdout, clock, env }, style } = context;
  const place = homePath(asking.cwd, env["HOME"]);
  const what = oneLine(jobLine(asking));
  await stdout.write(
    `${style.bold(asking.job_id)} ${oneLine(asking.agent)}, ${asking.approval_policy}, in ${
      oneLine(place)
    }: ${what}\n`,
  );
  for (const question of asking.questions) {
    const time = stdout.isTerminal ? distanceText(question.asked_at, clock.now()) : question.asked_at;
    await stdout.write(`${style.dim(`asked ${time}`)}\n${questionText(question, { style, output: stdout })}`);
  }
  const where = asking.refusal === undefined ? `Answer: agent-async answer ${asking.job_id}` : asking.refusal;
  await stdout.write(`${style.dim(where)}\n\n`);
}
