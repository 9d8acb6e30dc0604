/**
 * Room `config`: what the user says of a project: its checks. It stands in the user's own configuration and is never
 * read from the project, since it is run.
 *
 * @module
 */
import * as z from "zod";
import { isAbsolutePath } from "../system/files/paths.ts";

const commandError = "must be a shell command line";
const CommandLine = z.string({ error: commandError }).regex(/\S/, { error: commandError });

/** A command line, or one with the agent in whose sandbox it runs. */
const Check = z.union([
  CommandLine,
  z.strictObject({
    command: CommandLine,
    sandbox: z.string({ error: "must be the name of an agent that has a sandbox, such as codex" })
      .exactOptional()
      .describe("The agent in whose sandbox it runs"),
  }),
], { error: "must be a shell command line, or an object with command and sandbox" });

const isolationError = { error: "must be none or worktree" };
export const Isolation = z.enum(["none", "worktree"], isolationError);

const Project = z.strictObject({
  setup: CommandLine.exactOptional().describe("Sets up a job's own repository; a failure ends the job"),
  isolation: Isolation.exactOptional().describe("In place of default_isolation"),
  checks: z.record(z.string().regex(/\S/, { error: "must have a name that is not blank" }), Check)
    .exactOptional().describe(
      "Commands by name that can be asked for as check",
    ),
});
export type Project = z.infer<typeof Project>;

const rootError = "must be an absolute path";

/** By absolute directory. */
export const ProjectsConfig = z.record(z.string().refine(isAbsolutePath, { error: rootError }), Project);
export type ProjectsConfig = z.infer<typeof ProjectsConfig>;
