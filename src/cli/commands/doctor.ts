/**
 * Room `cli`: the command `doctor`.
 *
 * @module
 */
import * as z from "zod";
import { plainText } from "../../domain/event/transcript.ts";
import { defineCommand } from "../command.ts";
import { type Context, printJson } from "../context.ts";
import type { Check, CheckStatus } from "../doctor/check.ts";
import { EXIT } from "../entry/exit_code.ts";
import { whileSaying } from "../jobs/progress_line.ts";
import { sentences } from "../render/wrap_words.ts";
import { JSON_OPTION } from "../jobs/start_options.ts";
import { Switch } from "../values.ts";

export const doctorCommand = defineCommand({
  name: "doctor",
  summary: "Look for faults and say what to do about each",
  details: "Exit code 1 when something is broken.",
  options: [JSON_OPTION],
  examples: [{ line: "doctor", says: "The first thing to run when something does not work." }],
  json: "{ ok, broken, warnings, checks: [{ name, status, message, fix? }] }; a status is ok, warn or broken",
  input: z.object({ json: Switch }),
  async run(input, context) {
    const { examine } = await import("../doctor/examine.ts");
    const checks = await whileSaying("Looking at this machine ...", examine(context), context);
    const count = (status: CheckStatus) => checks.filter((check) => check.status === status).length;
    const isWell = count("broken") === 0;
    if (input.json) {
      await printJson(context, { ok: isWell, broken: count("broken"), warnings: count("warn"), checks });
    } else {
      for (const check of checks) await context.io.stdout.write(checkText(check, context));
      await context.io.stdout.write(`\n${count("broken")} broken, ${counted(count("warn"))}\n`);
    }
    return isWell ? EXIT.done : EXIT.failed;
  },
});

/** Widths, in cells, of the status, of the name of a check and of the arrow before its advice. */
const STATUS_WIDTH = 8;
const NAME_WIDTH = 22;
const ARROW_WIDTH = 3;

function checkText({ name, status, message, fix }: Check, { style, io }: Context): string {
  const colour = ({ ok: "done", warn: "pending", broken: "error" } as const)[status];
  const head = style.status(colour, status.padEnd(STATUS_WIDTH)) + name.padEnd(NAME_WIDTH);
  const text = (words: string, indent: number) => sentences(plainText(words), io.stdout, indent);
  const advice = fix === undefined
    ? ""
    : `${" ".repeat(STATUS_WIDTH)}${style.bold("->")} ${text(fix, STATUS_WIDTH + ARROW_WIDTH)}\n`;
  return `${head}${text(message, STATUS_WIDTH + NAME_WIDTH)}\n${advice}`;
}

function counted(warnings: number): string {
  return warnings === 1 ? "1 warning" : `${warnings} warnings`;
}
