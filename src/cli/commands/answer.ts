/**
 * Room `cli`: the command `answer`.
 *
 * @module
 */
import * as z from "zod";
import { AgentAsyncError } from "../../domain/errors.ts";
import type { Question } from "../../domain/question/question.ts";
import type { JobService } from "../../service/job_service.ts";
import { defineCommand } from "../command.ts";
import { type Context, printJson, tell } from "../context.ts";
import { EXIT, UsageError } from "../entry/exit_code.ts";
import { answerMeant } from "../jobs/answer_meant.ts";
import { askerOf } from "../jobs/asker.ts";
import { resolveJob } from "../jobs/job_reference.ts";
import { JSON_OPTION } from "../jobs/start_options.ts";
import { oneLine, questionText } from "../render/question_text.ts";
import { Switch, Word } from "../values.ts";

export const answerCommand = defineCommand({
  name: "answer",
  summary: "Answer what the agent of a job asks",
  details: "Without an answer it shows each open question with all its detail, and asks which it is to be.",
  arguments: [
    { name: "ID", summary: "a job, the beginning of its id, or last" },
    {
      name: "OPTION",
      summary: "an option by its id, label or number, or words; - reads them from standard input",
      isOptional: true,
      isFreeText: true,
    },
  ],
  options: [
    { flags: "--question <id>", summary: "which question, where more than one is open" },
    { flags: "--request-key <key>", summary: "the same key is the same answer: safe to repeat" },
    JSON_OPTION,
  ],
  examples: [
    { line: "answer last", says: "Shows what is asked, and asks what to answer." },
    { line: "answer 4kx accept", says: "Takes the option of that name." },
  ],
  json: "{ job_id, question_id, answered, status }",
  input: z.object({
    id: Word,
    option: z.string().optional(),
    question: Word.optional(),
    requestKey: Word.optional(),
    json: Switch,
  }),
  async run(input, context) {
    if (input.requestKey !== undefined && (input.option === undefined || input.question === undefined)) {
      // Sent again, it would mean another question: the one that is open by then.
      throw new UsageError("--request-key: needs OPTION and --question, which are the same each time");
    }
    const service = await context.service();
    const jobId = await resolveJob(service, input.id, { signal: context.interrupt });
    const open = await openQuestions(service, jobId, context);
    const { stdin, stderr } = context.io;
    if (input.option === undefined) {
      if (stdin.isTerminal && stderr.isTerminal) {
        return await askInTurn(wanted(open, input.question), { service, jobId, context });
      }
      const [question] = wanted(open, input.question);
      throw new UsageError("OPTION: must be given where nobody can be asked", { hint: choices(question) });
    }
    const text = input.option === "-" ? (await stdin.readText({ fatal: true })).trim() : input.option;
    if (text.trim() === "") throw new UsageError("OPTION: must not be empty");
    const questions = wanted(open, input.question);
    // With none or several open, the service says so in its own words.
    const [question] = questions.length === 1 ? questions : [];
    const answer = (question === undefined ? null : answerMeant(text, question)) ?? { option: text };
    const receipt = await service.answer({
      job_id: jobId,
      question_id: input.question ?? question?.question_id,
      ...answer,
      ...said(context),
      ...(input.requestKey === undefined ? {} : { request_key: input.requestKey }),
    });
    if (input.json) await printJson(context, receipt);
    else await tell(context, `Answered; job ${jobId} goes on.`);
    return EXIT.done;
  },
});

async function openQuestions(service: JobService, jobId: string, context: Context): Promise<Question[]> {
  const request = { job_ids: [jobId], as: askerOf(context.io) };
  const { asking } = await service.questions(request, { signal: context.interrupt });
  return asking.flatMap(({ questions }) => questions);
}

function wanted(open: readonly Question[], id: string | undefined): readonly Question[] {
  return id === undefined ? open : open.filter(({ question_id }) => question_id === id);
}

function said({ io }: Context) {
  return { as: askerOf(io), by: "the command line" };
}

function choices(question: Question | undefined): string | undefined {
  if (question === undefined) return undefined;
  const ids = question.options.map(({ id, label }) =>
    id === label ? oneLine(id) : `${oneLine(id)} (${oneLine(label)})`
  );
  return ids.length === 0 ? "It asks for words." : `It can be ${ids.join(", ")}.`;
}

/** Shows each question with all its detail and asks for the answer; an empty line leaves it open. */
async function askInTurn(
  questions: readonly Question[],
  { service, jobId, context }: { service: JobService; jobId: string; context: Context },
): Promise<typeof EXIT.done | typeof EXIT.failed> {
  if (questions.length === 0) {
    const { status } = await service.poll({ job_id: jobId, tail_lines: 0 }, { signal: context.interrupt });
    throw new AgentAsyncError("conflict", `Job ${jobId} asks nothing: it is ${status}`);
  }
  const { stdin, stderr } = context.io;
  let left = 0;
  for (const question of questions) {
    await stderr.write(questionText(question, { style: context.style, output: stderr }));
    for (;;) {
      await stderr.write(prompt(question));
      const line = await readLine(stdin.readLine(), context);
      if (line === null || line.trim() === "") {
        left++;
        break;
      }
      const answer = answerMeant(line, question);
      if (answer === null) continue;
      await service.answer({ job_id: jobId, question_id: question.question_id, ...answer, ...said(context) });
      break;
    }
  }
  const answered = questions.length - left;
  await tell(
    context,
    left === 0
      ? `Answered; job ${jobId} goes on.`
      : `${answered === 0 ? "Nothing was answered" : `${answered} answered`}; ${left} left open.`,
  );
  return left === 0 ? EXIT.done : EXIT.failed;
}

function prompt({ kind, options }: Question): string {
  if (kind === "text") return "Your answer (an empty line leaves it open): ";
  return `1${options.length > 1 ? `-${options.length}` : ""} (an empty line leaves it open): `;
}

/** @throws AgentAsyncError `cancelled` at Ctrl-C. */
async function readLine(line: Promise<string | null>, { interrupt }: Context): Promise<string | null> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(new AgentAsyncError("cancelled", "Nothing more was answered"));
  interrupt.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([line, promise]);
  } finally {
    interrupt.removeEventListener("abort", stop);
  }
}
