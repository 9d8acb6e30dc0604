/**
 * Room `mcp`: what a tool is. A tool is data with one function; it knows the service and nothing of the protocol.
 *
 * @module
 */
import type * as z from "zod";
import type { Origin } from "../../../service/requests.ts";
import type { JobService } from "../../../service/job_service.ts";
import type { Clock } from "../../../system/clock.ts";
import type { ToldQuestions } from "../../feed/told_questions.ts";
import type { SessionFeed } from "../../feed/session_feed.ts";
import type { Fenced } from "../../views/fence.ts";
import type { Person } from "../../questions/person.ts";
import type { QuestionsAtTheDesk } from "../../questions/questions_at_the_desk.ts";
import type { HostToolNames } from "../../host_tool_names.ts";
import type { ToolWords } from "../../tool_words.ts";

/** MCP's hints about a tool. All four are given, so that no host has to guess. */
export interface ToolAnnotations {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

/** For tools that only look. */
export const READS_ONLY: ToolAnnotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};

/** For tools that let an agent loose on a directory. */
export const LETS_AN_AGENT_WORK: ToolAnnotations = {
  readOnlyHint: false,
  destructiveHint: true,
  idempotentHint: false,
  openWorldHint: true,
};

/** The same facts twice: for programs and for readers. */
export interface ToolAnswer {
  readonly structured: Record<string, unknown>;
  readonly text: string;
  /** A sentence for each argument that was not taken as it was given. */
  readonly adjusted?: readonly string[];
}

export interface Progress {
  /** Seconds gone. */
  readonly progress: number;
  /** Seconds at most. */
  readonly total: number;
  readonly message: string;
}

export interface ToolContext {
  /** The service, but for `start` and `reply`: they make a job this session's own, and are {@link ToolContext.own}. */
  readonly service: Omit<JobService, "start" | "reply">;
  /** Starts and continues jobs whose ends this session is told of. */
  readonly own: Pick<JobService, "start" | "reply"> & { ids(): readonly string[] };
  /** Which questions this session's model knows. */
  readonly told: ToldQuestions;
  /** Whether models may answer what agents ask. */
  readonly mayAnswer: () => Promise<boolean>;
  /** How far this session has read the feed. */
  readonly feed: SessionFeed;
  readonly origin: Origin;
  /** Aborted when the host cancels this call. */
  readonly signal: AbortSignal;
  /** Aborted as `signal` is, and when the host is gone: for calls that only wait. */
  readonly waitSignal: AbortSignal;
  /** Sends progress; `undefined` when the host did not ask for any. */
  readonly progress: ((update: Progress) => void) | undefined;
  /** Absolute path of a job's whole transcript. */
  readonly transcriptPath: (jobId: string) => string;
  /** The person at the host, where it can ask one in this call. */
  readonly person?: Person | undefined;
  /** What running jobs ask. */
  readonly questions?: QuestionsAtTheDesk | undefined;
  /** How tools are called in this session. */
  readonly words: ToolWords;
  /** How the host's model calls them. */
  readonly hostNames: HostToolNames;
  /** What puts an agent's words between the marks of this answer. */
  readonly fenced: Fenced;
  /** Where the host started this server: absolute, or `undefined` when it says nothing. */
  readonly hostDirectory: string | undefined;
  readonly clock: Clock;
}

export interface ToolSpec<Input extends z.ZodObject> {
  readonly name: string;
  /** A few words for people. */
  readonly title: string;
  /** What it does, when to use it and which sibling instead, what happens in time, what it does not do. */
  readonly description: string;
  /** Every parameter carries a description. */
  readonly input: Input;
  /** What matters of `structured`; further fields are allowed. */
  readonly output: z.ZodObject;
  readonly annotations: ToolAnnotations;
  /** Whether a host that hides tools behind a search shows this one from the beginning: the few that begin it all. */
  readonly isAlwaysLoaded?: true;
  /** Whether it starts a job, which a host that knows tasks gets as a task. */
  readonly startsJob?: true;
  /** Whether it answers with whatever job ends first: then the id of a certain one must not be dropped. */
  readonly answersWithAnyJob?: true;
  run(args: z.infer<Input>, context: ToolContext): Promise<ToolAnswer>;
}

/** A tool whose argument types are its own business. */
export interface Tool extends Omit<ToolSpec<z.ZodObject>, "run"> {
  /** @throws {AgentAsyncError} `invalid_argument`, and whatever the service refuses. */
  call(rawArguments: Record<string, unknown>, context: ToolContext): Promise<ToolAnswer>;
}
