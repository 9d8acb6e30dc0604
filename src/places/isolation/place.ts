/**
 * Room `places`: the record of a place, a repository made for a job.
 *
 * @module
 */
import { join } from "node:path";
import * as z from "zod";
import { readTextIfOurs } from "../../system/files/is_there.ts";
import type { PlacesHome } from "../places_home.ts";

export const Place = z.object({
  /** The job's id. */
  job: z.string(),
  /** The top of the place's work tree. */
  root: z.string(),
  /** Where the turn works: the subdirectory of the place that the caller's directory is of its tree. */
  cwd: z.string(),
  /** The top of the work tree that it was made from. */
  origin: z.string(),
  /** The branch that is checked out in the place. */
  branch: z.string(),
  /** The commit that it begins from. */
  base: z.string(),
  /** The branch of the caller's tree; `null` when its HEAD is detached. */
  origin_branch: z.string().nullable(),
  /** The first of {@link PORT_COUNT} ports that no other place uses. */
  port: z.number(),
  /** What is not as in the caller's tree, in sentences. */
  warnings: z.array(z.string()),
  made_at: z.string(),
});
export type Place = z.infer<typeof Place>;

/** Ports that each place may use for servers, tests and databases. */
export const PORT_COUNT = 10;

/** Everything of a job's place lies in it. */
export function placeDirectory(home: PlacesHome, job: string): string {
  return join(home.places, job);
}

/** Outside of the place's work tree, where the agent has no business. */
export function recordPath(directory: string): string {
  return join(directory, "place.json");
}

/** The configuration of the place's repository as we wrote it. */
export function configCopyPath(directory: string): string {
  return join(directory, "config");
}

/** The place of a job; `null` when there is none. */
export function readPlace(home: PlacesHome, job: string): Place | null {
  try {
    return Place.parse(JSON.parse(readTextIfOurs(recordPath(placeDirectory(home, job))) ?? "null"));
  } catch {
    return null;
  }
}

/** What the agent, setup commands and checks find in their environment. */
export function placeVariables({ root, origin, port }: Place): Record<string, string> {
  return {
    AGENT_ASYNC_PLACE: root,
    AGENT_ASYNC_ORIGIN: origin,
    AGENT_ASYNC_PORT: String(port),
    AGENT_ASYNC_PORTS: Array.from({ length: PORT_COUNT }, (_, index) => port + index).join(","),
  };
}
