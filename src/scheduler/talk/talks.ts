/**
 * Room `scheduler`: what can be said to the agents of running jobs: answers to their questions, and more to consider.
 * Rule of this file: the first valid answer wins, and it is in the turn's journal before it is said.
 *
 * @module
 */
import { AgentAsyncError, invalidArgument } from "../../domain/errors.ts";
import type { JobId } from "../../domain/job/ids.ts";
import { isoTime } from "../../domain/job/ids.ts";
import { isJobIn, type Job, openQuestions } from "../../domain/job/job.ts";
import { transition } from "../../domain/job/transition.ts";
import { answerFault } from "../../domain/question/check_answer.ts";
import type { OpenQuestion, Question } from "../../domain/question/question.ts";
import { answerText } from "../../domain/question/question_text.ts";
import { readJournal } from "../../kernel/channel/journal.ts";
import type { JobDirectories } from "../../kernel/job_directories.ts";
import { readEvents } from "../../kernel/events/event_reader.ts";
import type { JobStore } from "../../store/job_store.ts";
import type { Clock } from "../../system/clock.ts";
import { pause } from "../../system/pause.ts";
import { readOutcome } from "../turn/files.ts";
import type { Supervisor } from "../supervisor.ts";
import { commitQuestions } from "./commit_questions.ts";
import { answersIn } from "./talk_input.ts";
import type { Delivered, GivenAnswer, GivenSteer, LiveTurn, Settled } from "./live_turn.ts";

export interface TalksOptions {
  store: JobStore;
  directories: JobDirectories;
  clock: Clock;
  supervisor: Pick<Supervisor, "run" | "knownBytes" | "end">;
}

/** Ms that a turn may take from its launch, or a new daemon's start, until it is watched; and between two looks. */
const BEGIN_MS = 10_000;
const LOOK_MS = 20;

export class Talks {
  constructor(private readonly options: TalksOptions) {}

  /** The open questions of a job with all their detail, in the order of asking. */
  questions(job: Job): Question[] {
    const turn = this.#turn(job);
    return openQuestions(job).map((open) => withDetail(open, turn));
  }

  /**
   * Answers an open question. Resolves when the answer is in the turn's journal: then it will be said. What is sent
   * again under its key changes nothing, whatever the job asks or does by then.
   *
   * @returns the question that was answered
   * @throws {AgentAsyncError} `conflict` when nothing is asked, or somebody was quicker; `invalid_argument` for an
   * unknown question, an option that is not there, or words where an option is asked for
   */
  async answer(id: JobId, given: GivenAnswer): Promise<Question> {
    const { job, turn } = await this.#begun(id);
    // Not those of the record: it comes to know of a question, and of its end, a moment later.
    const open = (turn?.open ?? []).map((question) => withDetail(question, turn));
    const wanted = given.question_id ?? this.#answeredUnder(given.key, id) ??
      (open.length === 1 ? open[0]?.question_id : undefined);
    if (wanted === undefined) throw open.length === 0 ? nothingAsked(job) : severalAsked(job, open);
    const question = open.find(({ question_id }) => question_id === wanted);
    if (turn === null || question === undefined) {
      const settled = turn?.settled(wanted) ?? await this.#settledEarlier(id, wanted);
      if (settled === null) throw open.length === 0 ? nothingAsked(job) : unknownQuestion(wanted, open);
      if (settled.key !== undefined && settled.key === given.key) return settled.question;
      throw tooLate(job, wanted, settled);
    }
    const fault = answerFault(question, given.answer);
    if (fault !== null) throw fault;
    await turn.answer(wanted, given);
    // For whoever looks at the job as soon as the answer is accepted.
    await commitQuestions(job, turn.open, this.options);
    return question;
  }

  /**
   * Says more to the agent of a running turn. A question that is open is superseded by it. What the agent does not take
   * before its turn ends becomes the next turn, before the replies that wait.
   *
   * @returns `null` when this cannot be said to a running agent; then `interrupt` is the way. Nothing has changed
   */
  async steer(id: JobId, given: GivenSteer): Promise<Delivered | null> {
    const { turn } = await this.#begun(id);
    return await turn?.steer(given) ?? null;
  }

  /** The turn to whose agent something was said under this key, and what became of it; `null` for none. */
  async steered(id: JobId, key: string): Promise<{ turn: number; delivered: Delivered } | null> {
    const directory = this.options.directories.job(id);
    const hasIt = (turn: number) =>
      readJournal(directory.turn(turn).journalFile, { naming: key }).some((entry) =>
        entry.kind === "steer" && entry.key === key
      );
    const turn = directory.turns().find(hasIt);
    if (turn === undefined) return null;
    const { job, turn: running } = await this.#begun(id);
    if (running !== null && job.turn === turn) return { turn, delivered: await running.delivered(key) };
    const wasInjected = readOutcome(directory.turn(turn))?.injected?.includes(key) === true;
    return { turn, delivered: wasInjected ? "injected" : "queued" };
  }

  /**
   * Ends the running turn in order, so that a reply goes on in its session. The turn's questions are superseded.
   * Resolves when this is committed; does nothing when the reply waits no more, or the running turn is being ended.
   *
   * @param reply number of the reply's turn
   */
  async interrupt(id: JobId, reply: number): Promise<void> {
    const { store, clock, supervisor } = this.options;
    // An agent that has not got its prompt has nothing in its session to go on with.
    await supervisor.run(id)?.live?.prompt.settled;
    const { job } = await store.update(
      id,
      (job) =>
        isJobIn(job, "running") && job.queue.includes(reply)
          ? transition(job, {
            type: "stop",
            cause: "superseded",
            readBytes: supervisor.knownBytes(job),
            at: clock.now(),
          })
          : job,
    );
    if (isJobIn(job, "running") && job.state.stop?.cause === "superseded") {
      void supervisor.end(id, "superseded");
    }
  }

  /** The job, and the talk of its running turn, for which this waits while it is being launched or adopted. */
  async #begun(id: JobId): Promise<{ job: Job; turn: LiveTurn | null }> {
    const { store, clock, supervisor } = this.options;
    for (const deadline = clock.steady() + BEGIN_MS;;) {
      const job = await store.get(id);
      if (job === null) throw new AgentAsyncError("not_found", `There is no job ${id}`);
      const isWatched = supervisor.run(id)?.job.turn === job.turn;
      if (isWatched || !isJobIn(job, "running") || clock.steady() > deadline) {
        const turn = this.#turn(job);
        await turn?.ready;
        return { job, turn };
      }
      await pause(LOOK_MS);
    }
  }

  #turn(job: Job): LiveTurn | null {
    const run = this.options.supervisor.run(job.id);
    return isJobIn(job, "running") && run?.job.turn === job.turn ? run.live : null;
  }

  /** The question of whichever turn that was answered under this key; the newest of several. */
  #answeredUnder(key: string | undefined, id: JobId): string | undefined {
    if (key === undefined) return undefined;
    const directory = this.options.directories.job(id);
    for (const turn of directory.turns().toReversed()) {
      const answers = answersIn(directory.turn(turn).journalFile, { naming: key });
      const last = answers.findLast((one) => one.key === key);
      if (last !== undefined) return last.question_id;
    }
    return undefined;
  }

  /** How a question of an earlier turn was settled, from the job's events; `null` for one that was never asked. */
  async #settledEarlier(id: JobId, questionId: string): Promise<Settled | null> {
    const directory = this.options.directories.job(id);
    let question: Question | null = null;
    for (let after = 0, more = true; more;) {
      const page = await readEvents(directory, {
        after,
        limit: 500,
        types: ["question", "answer"],
        truncate: 0,
        maxChars: 10_000_000,
      });
      for (const event of page.events) {
        if (event.type === "question" && event.question_id === questionId) {
          const { seq: _seq, turn: _turn, type: _type, time, ...asked } = event;
          question = { ...asked, asked_at: time };
        }
        if (event.type === "answer" && event.question_id === questionId && question !== null) {
          const { end, by, option, text } = event;
          const journal = directory.turn(event.turn).journalFile;
          // The first one counted; those after it came too late.
          const first = answersIn(journal, { naming: questionId }).find((one) =>
            one.question_id === questionId
          );
          return { question, end, by, option, text, key: end === "answered" ? first?.key : undefined };
        }
      }
      ({ cursor: after, more } = page);
    }
    return null;
  }
}

/** Until a new daemon has adopted the turn, only what the job's record has of a question is known. */
function withDetail({ asked_at, ...open }: OpenQuestion, turn: LiveTurn | null): Question {
  const asked = turn?.question(open.question_id) ?? { ...open, detail: "", options: [] };
  return { ...asked, asked_at: isoTime(asked_at) };
}

function nothingAsked(job: Job): AgentAsyncError {
  return new AgentAsyncError(
    "conflict",
    `Cannot answer job ${job.id}: it asks nothing, it is ${job.state.status}`,
    {
      hint: "See what it does with job_poll; job_wait tells when it asks something or ends.",
    },
  );
}

function severalAsked(job: Job, open: readonly Question[]): AgentAsyncError {
  return invalidArgument(
    "question_id",
    `must be given: job ${job.id} asks ${open.length} things`,
    `They are ${listed(open)}.`,
  );
}

function unknownQuestion(id: string, open: readonly Question[]): AgentAsyncError {
  return invalidArgument(
    "question_id",
    `there is no question ${JSON.stringify(id)}`,
    `Open are ${listed(open)}.`,
  );
}

function listed(open: readonly Question[]): string {
  return open.map(({ question_id, title }) => `${question_id} (${title})`).join(", ");
}

function tooLate(job: Job, id: string, settled: Settled): AgentAsyncError {
  return new AgentAsyncError(
    "conflict",
    `Cannot answer question ${id} of job ${job.id}: ${answerText(settled)}`,
    {
      hint: "The first answer counts; job_reply tells the agent more.",
    },
  );
}
