/**
 * Room `cli`: the command `enable-auto-update`.
 *
 * @module
 */
import * as z from "zod";
import { defineCommand } from "../command.ts";
import { printJson, printSentences } from "../context.ts";
import { EXIT } from "../entry/exit_code.ts";
import { JSON_OPTION } from "../jobs/start_options.ts";
import { Switch } from "../values.ts";

export const enableAutoUpdateCommand = defineCommand({
  name: "enable-auto-update",
  summary: "Update once a day, by launchd, systemd or cron",
  options: [JSON_OPTION],
  examples: [{ line: "enable-auto-update", says: "May be said again; disable-auto-update undoes it." }],
  json: "{ enabled, by, changed, path }; by is launchd, systemd or cron",
  input: z.object({ json: Switch }),
  async run(input, context) {
    const [{ executablePath, installedProgram }, { AutoUpdate }] = await Promise.all([
      import("../update/installed_program.ts"),
      import("../auto_update/auto_update.ts"),
    ]);
    const path = executablePath(installedProgram(), "update");
    const { by, hasChanged } = await new AutoUpdate(context.io.env).enable(path);
    if (input.json) await printJson(context, { enabled: true, by, changed: hasChanged, path });
    else {
      const already = hasChanged ? "" : " already";
      await printSentences(context, `${path} is${already} updated once a day, by ${by}.`);
    }
    return EXIT.done;
  },
});
