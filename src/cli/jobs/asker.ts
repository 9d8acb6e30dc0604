/**
 * Room `cli`: who is behind a command line: a person, or an assistant that runs commands.
 *
 * @module
 */
import { isAgentShell } from "../../agents/agent_shells.ts";
import { JOB_VARIABLE } from "../../domain/job/job_variables.ts";
import type { Asker } from "../../service/question_requests.ts";
import type { Io } from "../io.ts";

export function askerOf({ env }: Pick<Io, "env">): Asker {
  return isAgentShell(env) || (env[JOB_VARIABLE] ?? "") !== "" ? "assistant" : "person";
}

/** Whether a person sees what is printed here. */
export function isPersonsTerminal(io: Pick<Io, "env" | "stdin" | "stderr">): boolean {
  return io.stdin.isTerminal && io.stderr.isTerminal && askerOf(io) === "person";
}
