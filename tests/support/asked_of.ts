/**
 * Test support: what the agent of a job asks, through the real MCP server.
 *
 * @module
 */
import { z } from "zod";
import type { Question } from "../../src/domain/question/question.ts";
import type { HostSession } from "./program.ts";

/** The open questions of a job; the last that was looked at is told when nothing is asked and the job ends. */
export async function askedOf(host: HostSession, jobId: string, { number = 1 } = {}): Promise<Question[]> {
  for (;;) {
    const job = await host.poll(jobId);
    const { questions = [] } = job;
    if (questions.length >= number) return questions;
    if (!["pending", "running"].includes(job.status)) {
      throw new Error(`It ended without asking: ${JSON.stringify(job)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

const LOOK_EVERY_MS = 30;

/** Answers the one question that is open. */
export async function answerFor(
  host: HostSession,
  jobId: string,
  answer: { option?: string; text?: string },
): Promise<void> {
  const [question] = await askedOf(host, jobId);
  const receipt = z.looseObject({ answered: z.literal(true) });
  await host.call("job_answer", { job_id: jobId, question_id: question?.question_id, ...answer }, receipt);
}
