/**
 * Room `daemon`: runs the user's command when a job asks something, with the job and its questions on stdin. The
 * command is the user's own word, so what it answers through the command line is a person's answer.
 *
 * @module
 */
import { withoutAgentMarks } from "../../agents/agent_shells.ts";
import { type FeedCommandOptions, runFeedCommand } from "./feed_command.ts";

/** Resolves when the signal fires. */
export async function runOnQuestion(
  { env, ...options }: Omit<FeedCommandOptions, "setting">,
): Promise<void> {
  const { service } = options;
  // The daemon may have been started by a host, with an environment that names it.
  await runFeedCommand({ ...options, env: withoutAgentMarks(env), setting: "on_question" }, {
    feed: { finished_only: true, with_questions: true },
    async inputOf({ job_id, asked }) {
      if (asked === undefined) return null;
      const { asking: [job] } = await service.questions({ job_ids: [job_id], as: "person" })
        .catch(() => ({ asking: [] }));
      const questions = job?.questions.filter(({ question_id }) => asked.includes(question_id)) ?? [];
      // Answered, or its turn over, before it could be told.
      return job === undefined || questions.length === 0 ? null : { ...job, questions };
    },
    variable: "AGENT_ASYNC_ASKING_JOB_ID",
  });
}
