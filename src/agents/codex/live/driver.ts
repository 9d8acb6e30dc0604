/**
 * Room `agents`: Codex as an agent that can be asked, answered and steered: `codex app-server`, 0.125 to 0.171 and later.
 *
 * @module
 */
import type { LiveDriver } from "../../live_driver.ts";
import { areServerArgs, codexLiveCommand } from "./command.ts";
import { CodexTalk } from "./talk.ts";

export const codexLive: LiveDriver = {
  steers: "injected",
  isDefault: true,
  defaultSince: "0.171.0",
  // Upon SIGINT it would leave its commands behind.
  gracefulSignal: "SIGTERM",
  takesArgs: areServerArgs,
  command: codexLiveCommand,
  talk: (context) => new CodexTalk(context),
};
