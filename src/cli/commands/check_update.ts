/**
 * Room `cli`: the command `check-update`. Changes nothing.
 *
 * @module
 */
import * as z from "zod";
import { defineCommand } from "../command.ts";
import { printJson, printSentences } from "../context.ts";
import { EXIT } from "../entry/exit_code.ts";
import { JSON_OPTION } from "../jobs/start_options.ts";
import { Switch } from "../values.ts";

export const checkUpdateCommand = defineCommand({
  name: "check-update",
  summary: "Say whether there is a newer release, and change nothing",
  options: [JSON_OPTION],
  examples: [{ line: "check-update --json", says: "For scripts: update_available is true or false." }],
  json: "{ version, released, comparison, update_available, release_url, auto_update }",
  input: z.object({ json: Switch }),
  async run(input, context) {
    const [
      { installedProgram },
      { ReleaseServer, releaseUrl },
      { compareRelease },
      { AutoUpdate },
    ] = await Promise.all([
      import("../update/installed_program.ts"),
      import("../update/release_server.ts"),
      import("../update/update_program.ts"),
      import("../auto_update/auto_update.ts"),
    ]);
    const { io, version } = context;
    const url = releaseUrl(io.env);
    const release = await new ReleaseServer({ url, signal: context.interrupt }).newest();
    const comparison = compareRelease(release.version, version);
    const isSource = installedProgram().kind === "source";
    // The answer about the release must not fail only because a crontab cannot be read.
    const timer = await new AutoUpdate(io.env).enabledBy().catch(() => null);
    if (input.json) {
      await printJson(context, {
        version,
        released: release.version,
        comparison,
        update_available: comparison === "newer",
        release_url: url,
        auto_update: timer,
      });
      return EXIT.done;
    }
    const how = isSource ? "git pull gets it" : "agent-async update installs it";
    const said = comparison === "newer"
      ? `agent-async ${release.version} is there, this is ${version}: ${how}.`
      : comparison === "same"
      ? `agent-async ${version} is the newest release.`
      : `agent-async ${version} is newer than the release ${release.version}.`;
    const automatic = timer === null ? "" : ` Updates come by themselves (${timer}).`;
    await printSentences(context, `${said}${automatic}`);
    return EXIT.done;
  },
});
