/**
 * Room `cli`: the command `update`.
 *
 * @module
 */
import * as z from "zod";
import { defineCommand } from "../command.ts";
import { printJson, printSentences, tell } from "../context.ts";
import { EXIT } from "../entry/exit_code.ts";
import { JSON_OPTION } from "../jobs/start_options.ts";
import { Switch } from "../values.ts";

export const updateCommand = defineCommand({
  name: "update",
  summary: "Replace this program by the newest release",
  details: "Running jobs and open sessions go on.",
  options: [
    { flags: "--force", summary: "install the release even when it is the same or an older version" },
    {
      flags: "--leave-daemon",
      summary: "leave it to the next command to let the daemon hand over to the new version",
    },
    JSON_OPTION,
  ],
  examples: [{ line: "update", says: "Downloads, checks and replaces. Nothing changes when a check fails." }],
  json: "{ updated, from, released, comparison, path, daemon }; comparison is newer, same or older",
  input: z.object({ force: Switch, leaveDaemon: Switch, json: Switch }),
  async run(input, context) {
    const [
      { executablePath, installedProgram },
      { ReleaseServer, releaseUrl },
      { assetName },
      { updateProgram },
      { renewDaemon },
    ] = await Promise.all([
      import("../update/installed_program.ts"),
      import("../update/release_server.ts"),
      import("../update/asset_name.ts"),
      import("../update/update_program.ts"),
      import("../update/renew_daemon.ts"),
    ]);
    const { io, version } = context;
    const path = executablePath(installedProgram(), "update");
    const url = releaseUrl(io.env);
    const { comparison, released, isReplaced } = await updateProgram({
      server: new ReleaseServer({ url, signal: context.interrupt }),
      asset: assetName(),
      path,
      version,
      isForced: input.force,
      env: io.env,
      onDownload: (found) => tell(context, `Downloading agent-async ${found} from ${url}`),
    });
    const daemon = isReplaced && !input.leaveDaemon
      ? await renewDaemon(context, { path, comparison })
      : "left";
    if (input.json) {
      await printJson(context, { updated: isReplaced, from: version, released, comparison, path, daemon });
      return EXIT.done;
    }
    const said = isReplaced
      ? `agent-async ${version} is now ${released} (${path}). ${DAEMON_TEXT[daemon]}`
      : comparison === "same"
      ? `agent-async ${version} is the newest release.`
      : `agent-async ${version} is newer than the release ${released}; --force would go back to that.`;
    await printSentences(context, said.trimEnd());
    return EXIT.done;
  },
});

const DAEMON_TEXT = {
  renewed: "The daemon has handed over to the new version; jobs went on.",
  stopped: "The daemon has left; jobs go on, and the next command starts the new one.",
  absent: "",
  left: "",
  failed: "The daemon has not handed over yet: agent-async daemon status says more.",
} as const;
