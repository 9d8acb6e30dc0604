/**
 * Room `cli`: schemas that turn the texts of a command line into values.
 *
 * @module
 */
import * as z from "zod";
import { EVENT_TYPES, EventType } from "../domain/event/event.ts";
import { ApprovalPolicy } from "../domain/agent/policy.ts";
import { JobStatus } from "../domain/job/reason.ts";

/** An option without a value: true when it is given. */
const DOLLARS_ERROR = "must be an amount of US dollars, such as 0.50";

export const Switch = z.boolean().default(false);

export const Word = z.string().min(1, { error: "must not be empty" });

/** The values of a repeatable option. */
export const Words = z.array(Word).default([]);

export const Policy = z.enum(ApprovalPolicy.options, {
  error: `must be one of ${ApprovalPolicy.options.join(", ")}`,
});

export const Status = z.enum(JobStatus.options, { error: `must be one of ${JobStatus.options.join(", ")}` });

const eventTypesError = { error: `must be a list of ${EVENT_TYPES.join(", ")}` };

/** A list of event types, separated by commas. */
export const EventTypes = z.string().transform((text) => listed(text)).pipe(
  z.array(z.enum(EventType.options, eventTypesError)).min(1, eventTypesError),
);

/** A whole number from `min` to `max`. Without `max` the limit is the largest safe integer. */
/** US dollars, more than none. */
export const Dollars = z.string().transform((text) => Number(text.trim().replace(/^\$/, ""))).pipe(
  z.number({ error: DOLLARS_ERROR }).positive({ error: DOLLARS_ERROR }),
);

export function count(min: number, max = Number.MAX_SAFE_INTEGER) {
  const error = max === Number.MAX_SAFE_INTEGER
    ? `must be a whole number, ${min} or more`
    : `must be a whole number from ${min} to ${max}`;
  return z.string().regex(/^-?\d+$/, { error }).transform(Number).pipe(
    z.number().min(min, { error }).max(max, { error }),
  );
}

const DAY_SECONDS = 86_400;
const UNIT_SECONDS: Readonly<Record<string, number>> = {
  "": 1,
  s: 1,
  m: 60,
  h: 3_600,
  d: DAY_SECONDS,
  w: 7 * DAY_SECONDS,
};

/**
 * A duration, given as `90`, `90s`, `5m`, `2h`, `1d` or `2w`, in seconds. 0 is allowed only with `isZeroFine`.
 *
 * @param max in seconds.
 */
export function seconds(max: number, { isZeroFine }: { readonly isZeroFine: boolean }) {
  const [examples, most] = max > DAY_SECONDS
    ? ["90s, 5m, 2h or 7d", `${max / DAY_SECONDS}d`]
    : ["90s, 5m or 2h", `${max / 3_600}h`];
  const error = `must be a time such as ${examples}, ${isZeroFine ? "" : "more than 0 and "}at most ${most}`;
  return z.string().regex(/^\d+(\.\d+)?[smhdw]?$/, { error }).transform((text) => {
    const unit = /[smhdw]$/.exec(text)?.[0] ?? "";
    return Number.parseFloat(text) * (UNIT_SECONDS[unit] ?? 1);
  }).pipe(z.number().max(max, { error }).refine((given) => isZeroFine || given > 0, { error }));
}

/** The items of a list that is separated by commas, without spaces around them and without empty ones. */
export function listed(text: string): string[] {
  return text.split(",").map((item) => item.trim()).filter((item) => item !== "");
}
