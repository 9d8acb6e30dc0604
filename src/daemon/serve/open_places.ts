/**
 * Room `daemon`: the places and snapshots of the state directory, after what a daemon that died had begun is finished.
 *
 * @module
 */
import { recoverPlaces } from "../../places/isolation/discard_place.ts";
import { type PlacesHome, placesHome } from "../../places/places_home.ts";
import { recoverWrites } from "../../places/writing/write_journal.ts";
import type { Log } from "../../system/log.ts";

/** To be called before anything writes in a work tree. @param home the state directory */
export async function openPlaces(
  home: string,
  { env, log }: { env: Readonly<Record<string, string>>; log: Log },
): Promise<PlacesHome> {
  const places = placesHome(home, { env });
  await recoverPlaces(places);
  for (const recovered of await recoverWrites(places)) {
    log.warn("finished a write that was begun", { ...recovered });
  }
  return places;
}
