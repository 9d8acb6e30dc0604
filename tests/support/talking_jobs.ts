/**
 * Test support: jobs of an agent that is talked with, through the real service, store and processes.
 *
 * @module
 */
import assert from "node:assert/strict";
import { EventBody } from "../../src/domain/event/event_body.ts";
import type { JobResult } from "../../src/domain/job/result.ts";
import type { Question } from "../../src/domain/question/question.ts";
import type { TurnWrapper } from "../../src/kernel/wrapper/turn_wrapper.ts";
import type { EventsPage } from "../../src/service/read_requests.ts";
import type { StartRequest } from "../../src/service/requests.ts";
import { eventually } from "./eventually.ts";
import { LocalHarness } from "./local_harness.ts";
import { TALKING_AGENTS, talkingDriver } from "./talking_driver.ts";

export class TalkingJobs implements AsyncDisposable {
  private constructor(readonly harness: LocalHarness) {}

  /** @param options.wrapper who runs the turns; the shell unless given */
  static async start(
    config: Record<string, unknown> = {},
    options: { wrapper?: TurnWrapper } = {},
  ): Promise<TalkingJobs> {
    const harness = await LocalHarness.start(config, { ...options, drivers: [talkingDriver] });
    harness.state.env.PATH = `${TALKING_AGENTS}:${harness.state.env.PATH}`;
    return new TalkingJobs(harness);
  }

  get service() {
    return this.harness.service;
  }

  /** Starts a job whose agent does these steps. @returns its id */
  async run(steps: string, over: Partial<StartRequest> = {}): Promise<string> {
    const { job_id } = await this.harness.run(steps, { agent: "talking", approval_policy: "ask", ...over });
    return job_id;
  }

  /** The open questions of a job, as soon as there are `count`. */
  async asked(jobId: string, count = 1): Promise<readonly Question[]> {
    return await eventually(async () => {
      const { questions = [], status, error } = await this.service.poll({ job_id: jobId });
      assert.ok(status === "running" || status === "pending", `${status}: ${error}`);
      return questions.length === count ? questions : null;
    }, { what: `${count} questions` });
  }

  async answer(jobId: string, option: string, questionId?: string): Promise<void> {
    await this.service.answer({
      job_id: jobId,
      option,
      ...(questionId === undefined ? {} : { question_id: questionId }),
      by: "the test",
    });
  }

  ended(jobId: string): Promise<JobResult> {
    return this.harness.ended(jobId);
  }

  async events(jobId: string): Promise<EventsPage["events"]> {
    const events: EventsPage["events"] = [];
    for (let cursor = 0, more = true; more;) {
      const page = await this.service.events({ job_id: jobId, cursor, limit: 500, truncate: 0 });
      events.push(...page.events);
      ({ cursor, more } = page);
    }
    return events;
  }

  /** What a job's agent has said, and what was asked and answered, in a few words each. */
  async told(jobId: string): Promise<string[]> {
    return (await this.events(jobId)).flatMap((each) => {
      const event = EventBody.parse(each);
      switch (event.type) {
        case "message":
          return [event.text];
        case "question":
          return [`? ${event.question_id} ${event.title}`];
        case "answer":
          return [`! ${event.question_id} ${event.end} ${event.option ?? event.text ?? ""} by ${event.by}`];
        case "warning":
        case "error":
          return [`${event.type}: ${event.message}`];
        case "raw":
          return [`raw: ${event.text}`];
        default:
          return [];
      }
    });
  }

  /** Resolves when the agent has said this. */
  async hears(jobId: string, text: string): Promise<void> {
    await eventually(async () => (await this.told(jobId)).includes(text), { what: text });
  }

  /** A file of a turn. */
  file(jobId: string, name: string, turn = 1): string {
    return `${this.harness.state.home}/jobs/${jobId}/turns/${turn}/${name}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.harness[Symbol.asyncDispose]();
  }
}
