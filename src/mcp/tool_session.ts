/**
 * Room `mcp`: one session with a host, put together: its calls, its own jobs, its place in the feed, its subscriptions.
 *
 * @module
 */
import { notePerson } from "../config/person_file.ts";
import { type StatePaths, transcriptFile } from "../config/state_paths.ts";
import type { JobService } from "../service/job_service.ts";
import { systemClock } from "../system/clock.ts";
import { noticesOf } from "./feed/end_notices.ts";
import type { Session } from "./desk/late_session.ts";
import type { RpcNotification } from "./desk/json_rpc.ts";
import { OwnJobs } from "./feed/own_jobs.ts";
import type { QuestionsAtTheDesk } from "./questions/questions_at_the_desk.ts";
import { type HostSessionOptions, openHostSession } from "./desk/host_session.ts";
import { deskQuestions } from "./questions/desk_questions.ts";
import { ToldQuestions } from "./feed/told_questions.ts";
import { SessionFeed } from "./feed/session_feed.ts";
import { Subscriptions } from "./feed/subscriptions.ts";
import { olderTask } from "./tasks/job_task.ts";
import type { ToolShelf } from "./tools/tool_shelf.ts";
import { toolWords } from "./tool_words.ts";
import type { ToolsetName } from "./tools/toolset_names.ts";

export interface ToolSessionOptions extends
  Pick<
    HostSessionOptions,
    "hostGone" | "isCongested" | "send" | "log" | "onCalled"
  > {
  service: JobService;
  toolsets: readonly ToolsetName[];
  shelf: ToolShelf;
  paths: Pick<StatePaths, "jobsDirectory" | "logFile" | "personFile">;
  env: Record<string, string>;
  session: string;
  hostDirectory?: string;
  serverName?: string;
  /** What running jobs ask; what the service knows, unless given. */
  questions?: QuestionsAtTheDesk | undefined;
  /** Whether models may answer what agents ask; they may unless it is given. */
  mayAnswer?: () => Promise<boolean>;
  /** Sends a notification to the host, unless it has stopped reading. */
  notify: (message: RpcNotification) => Promise<void>;
}

export function openToolSession(options: ToolSessionOptions): Session {
  const { service, env, session, paths, notify, log, hostGone: signal } = options;
  const words = toolWords(options.toolsets);
  const olderTasks = new Set<string>();
  const feed = new SessionFeed({ service, clock: systemClock });
  const own = new OwnJobs({
    service,
    beginning: () => feed.beginning(),
    tell: async (news, job) => {
      const isForPerson = news.asked !== undefined && !await mayAnswer();
      for (const notice of noticesOf(news, job, { words, serverName: options.serverName, isForPerson })) {
        await notify(notice);
      }
      if (!olderTasks.has(job.job_id)) return;
      await notify({ jsonrpc: "2.0", method: "notifications/tasks/status", params: olderTask(job) });
    },
    signal,
    log,
  });
  const { mayAnswer = () => Promise.resolve(true) } = options;
  const subscriptions = new Subscriptions({
    service,
    tell: (uri) => notify({ jsonrpc: "2.0", method: "notifications/resources/updated", params: { uri } }),
    signal,
    log,
  });
  return openHostSession({
    ...options,
    findTool: (name) => options.shelf.find(name),
    subscriptions,
    olderTasks,
    context: {
      service,
      own,
      feed,
      origin: { env, session },
      transcriptPath: (jobId) => transcriptFile(paths, jobId),
      words,
      questions: options.questions ?? deskQuestions({ service, ownJobs: () => own.ids() }),
      told: new ToldQuestions(),
      mayAnswer,
      hostDirectory: options.hostDirectory,
      clock: systemClock,
    },
    onPersonAsked: () => notePerson(paths.personFile),
    serverName: options.serverName,
    logPath: paths.logFile,
  });
}
