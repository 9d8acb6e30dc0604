/**
 * Room `cli`: `doctor` on the daemon's log.
 *
 * @module
 */
import * as z from "zod";
import { readTail } from "../../system/files.ts";
import { distanceText } from "../render/time.ts";
import { type Check, ok, warn } from "./check.ts";

const TAIL_BYTES = 262_144;
const DAY_MS = 86_400_000;
/** What is shown of them. */
const MOST_ERRORS = 3;
const MOST_CHARACTERS = 200;

const Entry = z.object({ time: z.iso.datetime(), level: z.string(), message: z.string(), error: z.unknown() })
  .partial({ error: true });

/** @param now epoch ms: older errors than a day are history. */
export function checkLog(path: string, now: number): Check {
  const errors = readTail(path, TAIL_BYTES).split("\n").flatMap((line) => {
    const entry = readEntry(line);
    return entry?.level === "error" && now - Date.parse(entry.time) < DAY_MS ? [entry] : [];
  });
  if (errors.length === 0) return ok("log", "no errors in the last day");
  const last = errors.slice(-MOST_ERRORS).map(({ time, message, error }) => {
    const detail = typeof error === "string" ? `: ${error}` : "";
    return `${distanceText(time, now)}: ${
      `${message}${detail}`.replace(/\s+/g, " ").slice(0, MOST_CHARACTERS)
    }`;
  });
  const count = errors.length === 1 ? "1 error" : `${errors.length} errors`;
  return warn(
    "log",
    `${count} in the last day; ${last.join("; ")}`,
    `Read ${path}, and report what you cannot explain.`,
  );
}

function readEntry(line: string) {
  try {
    return Entry.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}
