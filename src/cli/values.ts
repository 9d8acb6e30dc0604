/**
 * Room `cli`: what the texts of a command line stand for.
 *
 * @module
 */
import * as z from "zod";
import { EVENT_TYPES, EventType } from "../domain/event.ts";
import { ApprovalPolicy } from "../domain/policy.ts";
import { JobStatus } from "../domain/reason.ts";

/** A switch: there or not. */
export const Switch = z.boolean().default(false);

/** A text that must not be empty. */
export const Word = z.string().min(1, { error: "must not be empty" });

/** A repeatable option. */
export const Words = z.array(Word).default([]);

export const Policy = z.enum(ApprovalPolicy.options, {
  error: `must be one of ${ApprovalPolicy.options.join(", ")}`,
});

export const Status = z.enum(JobStatus.options, { error: `must be one of ${JobStatus.options.join(", ")}` });

/** Names of event types, separated by commas. */
export const EventTypes = z.string().transform((text) => listed(text)).pipe(
  z.array(z.enum(EventType.options, { error: `must be a list of ${EVENT_TYPES.join(", ")}` })),
);

/** A whole number. */
export function count(min: number, max: number) {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.string().regex(/^-?\d+$/, { error }).transform(Number).pipe(
    z.number().min(min, { error }).max(max, { error }),
  );
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { "": 1, s: 1, m: 60, h: 3_600, d: 86_400 };

/** Seconds: `90`, `90s`, `5m`, `2h`, `1d`. */
export function seconds(max: number) {
  const isForDays = max >= 2 * 86_400;
  const most = isForDays ? `${Math.floor(max / 86_400)} days` : `${max} seconds`;
  const error = `must be a time such as 90, 90s, 5m${isForDays ? ", 2h or 7d" : " or 2h"}, at most ${most}`;
  return z.string().regex(/^\d+(\.\d+)?[smhd]?$/, { error }).transform((text) => {
    const unit = /[smhd]$/.exec(text)?.[0] ?? "";
    return Number.parseFloat(text) * (UNIT_SECONDS[unit] ?? 1);
  }).pipe(z.number().max(max, { error }));
}

/** The items of a list that is separated by commas. */
export function listed(text: string): string[] {
  return text.split(",").map((item) => item.trim()).filter((item) => item !== "");
}
