/**
 * Room `mcp`: the questions that the person at this host may be asked, from the service and back to it.
 *
 * @module
 */
import type { JobService } from "../../service/job_service.ts";
import type { QuestionsAtTheDesk } from "./questions_at_the_desk.ts";

export interface DeskQuestionsOptions {
  readonly service: Pick<JobService, "questions" | "answer">;
  /** The jobs of this session. */
  readonly ownJobs: () => readonly string[];
}

export function deskQuestions({ service, ownJobs }: DeskQuestionsOptions): QuestionsAtTheDesk {
  return {
    async open(jobIds, options) {
      const job_ids = [...jobIds ?? ownJobs()];
      if (job_ids.length === 0) return [];
      const { asking } = await service.questions({ job_ids, as: "person" }, options);
      return asking.filter(({ refusal }) => refusal === undefined).flatMap(({ job_id, agent, questions }) =>
        questions.map((question) => ({ job_id, agent, question }))
      );
    },
    async answer({ job_id, question }, answer) {
      const { question_id } = question;
      await service.answer({ job_id, question_id, ...answer, as: "person", by: "at a host" });
    },
  };
}
