/**
 * Room `cli`: the command `disable-auto-update`.
 *
 * @module
 */
import * as z from "zod";
import { defineCommand } from "../command.ts";
import { printJson, printSentences } from "../context.ts";
import { EXIT } from "../entry/exit_code.ts";
import { JSON_OPTION } from "../jobs/start_options.ts";
import { Switch } from "../values.ts";

export const disableAutoUpdateCommand = defineCommand({
  name: "disable-auto-update",
  summary: "Undo enable-auto-update, and nothing else",
  options: [JSON_OPTION],
  examples: [{ line: "disable-auto-update", says: "From now on only agent-async update updates." }],
  json: "{ enabled, removed: [name] }",
  input: z.object({ json: Switch }),
  async run(input, context) {
    const { AutoUpdate } = await import("../auto_update/auto_update.ts");
    const removed = await new AutoUpdate(context.io.env).disable();
    if (input.json) await printJson(context, { enabled: false, removed });
    else {
      const said = removed.length === 0
        ? "Automatic updates were not enabled."
        : `Automatic updates are off (${removed.join(", ")}).`;
      await printSentences(context, said);
    }
    return EXIT.done;
  },
});
