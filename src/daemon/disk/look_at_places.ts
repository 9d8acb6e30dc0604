/**
 * Room `daemon`: what lies on the disk for changes of jobs, for `doctor`. Only looks, and needs no daemon that runs.
 *
 * @module
 */
import { join } from "node:path";
import { statePaths } from "../../config/state_paths.ts";
import { AgentAsyncError } from "../../domain/errors.ts";
import { placeNames } from "../../places/isolation/orphaned_places.ts";
import { placesHome } from "../../places/places_home.ts";
import { bytesOf, storeUses } from "../../places/snapshots/tidy_stores.ts";
import { within } from "../../system/deadline.ts";
import { isThere } from "../../system/files/is_there.ts";

/** Ms for counting bytes: places hold whole work trees, with what was installed in them. */
const COUNTING_MS = 5_000;

export interface PlacesOnDisk {
  /** Bytes; `null` where counting them takes too long. */
  readonly places: number | null;
  readonly snapshots: number | null;
  readonly patches: number | null;
  /** Places whose jobs are gone: absolute paths, and bytes as above. */
  readonly orphans: readonly { readonly path: string; readonly bytes: number | null }[];
  /** Repositories that are gone, with the directories of their snapshots. */
  readonly gone: readonly { readonly source: string; readonly directory: string }[];
  /** Why git cannot be used, with what to do; `null` when it can. */
  readonly gitFault: { readonly message: string; readonly hint?: string | undefined } | null;
}

/** @param home the state directory; it need not exist */
export async function lookAtPlaces(
  home: string,
  { env }: { env: Readonly<Record<string, string>> },
): Promise<PlacesOnDisk> {
  const places = placesHome(home, { env });
  const { jobsDirectory } = statePaths(home);
  const [gitFault, uses, bytesOfPlaces, patches] = await Promise.all([
    places.git.requireUsable().then(() => null, faultOf),
    within(COUNTING_MS, storeUses(places)),
    within(COUNTING_MS, bytesOf(places.places)),
    within(COUNTING_MS, bytesOf(places.patches)),
  ]);
  return {
    places: bytesOfPlaces,
    snapshots: uses === null ? null : uses.reduce((sum, { bytes }) => sum + bytes, 0),
    patches,
    orphans: await Promise.all(
      placeNames(places).filter((name) => !isThere(join(jobsDirectory, name))).map(async (name) => {
        const path = join(places.places, name);
        return { path, bytes: await within(COUNTING_MS, bytesOf(path)) };
      }),
    ),
    gone: (uses ?? []).flatMap(({ source, isThere, name }) =>
      source === null || isThere ? [] : [{ source, directory: join(places.snapshots, `${name}.git`) }]
    ),
    gitFault,
  };
}

function faultOf(error: unknown): PlacesOnDisk["gitFault"] {
  if (error instanceof AgentAsyncError) return { message: error.message, hint: error.hint };
  return { message: String(error), hint: undefined };
}
