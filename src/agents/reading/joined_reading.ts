/**
 * Room `agents`: several readings as one, for a line with several objects in it and for what one message sets off.
 *
 * @module
 */
import type { Terminal } from "../../domain/turn/turn.ts";
import type { Reading } from "../turn_reader.ts";

/** Everything of all `readings`, in their order, with the newest last word. */
export function joinedReading(readings: readonly Reading[]): Reading {
  const [only] = readings;
  if (only !== undefined && readings.length === 1) return only;
  const terminal = readings.reduce<Terminal | undefined>(
    (last, reading) => reading.terminal ?? last,
    undefined,
  );
  const joined = {
    events: readings.flatMap(({ events }) => events),
    ...(terminal === undefined ? {} : { terminal }),
    ...(readings.some(({ resumes }) => resumes === true) ? { resumes: true as const } : {}),
  };
  return {
    ...joined,
    ...all("says", readings.flatMap(({ says = [] }) => says)),
    ...all("asks", readings.flatMap(({ asks = [] }) => asks)),
    ...all("withdraws", readings.flatMap(({ withdraws = [] }) => withdraws)),
    ...all("heard", readings.flatMap(({ heard = [] }) => heard)),
    ...all("steered", readings.flatMap(({ steered = [] }) => steered)),
  };
}

/** The list under its name; nothing where it is empty. */
function all<Name extends string, Item>(name: Name, list: Item[]): { [name in Name]?: Item[] } {
  const member: { [name in Name]?: Item[] } = {};
  if (list.length > 0) member[name] = list;
  return member;
}
