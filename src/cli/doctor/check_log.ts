/**
 * Room `cli`: the check of `doctor` on the daemon's log: the errors of the last day.
 *
 * @module
 */
import * as z from "zod";
import { readTail } from "../../system/files/files.ts";
import { distanceText } from "../render/time.ts";
import { type Check, ok, warn } from "./check.ts";
import { parsedJson } from "../../domain/reading/parsed_json.ts";

const TAIL_BYTES = 262_144;
const DAY_MS = 86_400_000;
/** Most errors that are shown, and most characters of each. */
const MOST_ERRORS = 3;
const MOST_CHARACTERS = 200;

const Entry = z.object({ time: z.iso.datetime(), level: z.string(), message: z.string(), error: z.unknown() })
  .partial({ error: true });

/** @param now in epoch ms. Errors older than a day are ignored. */
export function checkLog(path: string, now: number): Check {
  const errors = readTail(path, TAIL_BYTES).split("\n").flatMap((line) => {
    const entry = readEntry(line);
    return entry?.level === "error" && now - Date.parse(entry.time) < DAY_MS ? [entry] : [];
  });
  if (errors.length === 0) return ok("log", "no errors in the last day");
  // A repeated error is shown once, with its latest time. Setting the key anew moves it to the end of the map.
  const kinds = new Map<string, { time: string; times: number }>();
  for (const { time, message, error } of errors) {
    const text = textOf(message, error);
    const times = (kinds.get(text)?.times ?? 0) + 1;
    kinds.delete(text);
    kinds.set(text, { time, times });
  }
  const last = [...kinds].slice(-MOST_ERRORS).map(([text, { time, times }]) => {
    return `${distanceText(time, now)}: ${text}${times === 1 ? "" : ` (${times} times)`}`;
  });
  const count = errors.length === 1 ? "1 error" : `${errors.length} errors`;
  return warn(
    "log",
    `${count} in the last day; ${last.join("; ")}`,
    `Read ${path}, and report what you cannot explain.`,
  );
}

/** An error on one line, without its stack: the log has that. */
function textOf(message: string, error: unknown): string {
  const detail = typeof error === "string" ? `: ${error.replace(/\n\s+at [^]*$/, "")}` : "";
  const text = `${message}${detail}`.replace(/\s+/g, " ");
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS - 1)}…` : text;
}

function readEntry(line: string) {
  return Entry.safeParse(parsedJson(line)).data ?? null;
}
