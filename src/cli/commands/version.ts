/**
 * Room `cli`: the command `version`.
 *
 * @module
 */
import * as z from "zod";
import { defineCommand } from "../command.ts";
import { printJson } from "../context.ts";
import { EXIT } from "../entry/exit_code.ts";
import { JSON_OPTION } from "../jobs/start_options.ts";
import { Switch } from "../values.ts";

export const versionCommand = defineCommand({
  name: "version",
  summary: "Print the version",
  options: [JSON_OPTION],
  examples: [{ line: "version --json", says: "With what a report of a fault needs." }],
  json: "{ version, deno, os, arch, compiled }",
  input: z.object({ json: Switch }),
  async run(input, context) {
    const { version } = context;
    if (input.json) {
      await printJson(context, {
        version,
        deno: Deno.version.deno,
        os: Deno.build.os,
        arch: Deno.build.arch,
        compiled: Deno.build.standalone,
      });
    } else {
      await context.io.stdout.write(`agent-async ${version}\n`);
    }
    return EXIT.done;
  },
});
