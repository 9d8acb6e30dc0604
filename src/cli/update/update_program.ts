/**
 * Room `cli`: one update, from looking up the release to replacing the executable. Nothing is replaced before the new
 * executable has been checked and has itself said which version it is.
 *
 * @module
 */
import * as z from "zod";
import { compareVersions } from "../../domain/compare_versions.ts";
import { AgentProbe } from "../../system/agent_probe.ts";
import { removeIfExists } from "../../system/files/files.ts";
import { CommandError } from "../entry/exit_code.ts";
import type { Release, ReleaseServer } from "./release_server.ts";
import { createDraft, replaceExecutable } from "./replace_executable.ts";
import { parsedJson } from "../../domain/reading/parsed_json.ts";

/** Limit in ms of the first start of a new executable: a virus scanner may read it whole. */
const FIRST_START_MS = 60_000;

const VersionAnswer = z.object({ version: z.string() });

/** How the released version stands to the one that runs. */
export type Comparison = "newer" | "same" | "older";

export function compareRelease(released: string, running: string): Comparison {
  const order = compareVersions(released, running);
  return order > 0 ? "newer" : order < 0 ? "older" : "same";
}

export interface UpdateOptions {
  readonly server: ReleaseServer;
  /** Name of the release's file for this machine. */
  readonly asset: string;
  /** The executable to be replaced. */
  readonly path: string;
  /** The version that runs. */
  readonly version: string;
  /** Installs the same or an older version, too. */
  readonly isForced: boolean;
  readonly env: Readonly<Record<string, string>>;
  /** Told when the download begins. */
  onDownload?(version: string): Promise<void>;
}

export interface UpdateResult {
  readonly comparison: Comparison;
  readonly released: string;
  readonly isReplaced: boolean;
}

/** @throws CommandError; nothing is changed then. */
export async function updateProgram(options: UpdateOptions): Promise<UpdateResult> {
  const release = await options.server.newest();
  const comparison = compareRelease(release.version, options.version);
  const isWanted = comparison === "newer" || options.isForced;
  if (isWanted) {
    await options.onDownload?.(release.version);
    await install(release, options);
  }
  return { comparison, released: release.version, isReplaced: isWanted };
}

async function install(release: Release, options: UpdateOptions): Promise<void> {
  // A link stays a link: what it leads to is replaced.
  const path = await Deno.realPath(options.path);
  const draft = createDraft(path);
  try {
    try {
      await options.server.download(options.asset, release, draft.file);
      await draft.file.syncData();
    } finally {
      draft.file.close();
    }
    await checkStarts(draft.path, release.version, options.env);
    replaceExecutable(draft.path, path);
  } finally {
    removeIfExists(draft.path);
  }
}

/** A program that does not start here (another libc, a forbidden directory) must not replace one that does. */
async function checkStarts(
  path: string,
  version: string,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const answer = await new AgentProbe().run(path, ["version", "--json"], {
    env,
    timeoutMs: FIRST_START_MS,
  });
  const said = VersionAnswer.safeParse(parsedJson(answer?.stdout ?? ""));
  if (said.success && said.data.version === version) return;
  const fault = said.success
    ? `it says that it is version ${said.data.version}`
    : answer === null
    ? "it does not start"
    : `it ended with code ${answer.code}: ${answer.stderr.trim().slice(-300)}`;
  throw new CommandError(`The downloaded version ${version} cannot be used here: ${fault}`, {
    hint: "Nothing was changed.",
  });
}
