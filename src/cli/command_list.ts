/**
 * Room `cli`: the list of all commands, in the order in which the help shows them.
 *
 * @module
 */
import type { Command } from "./command.ts";
import { addAgentCommand } from "./commands/add_agent.ts";
import { answerCommand } from "./commands/answer.ts";
import { cancelCommand } from "./commands/cancel.ts";
import { checkUpdateCommand } from "./commands/check_update.ts";
import { completionsCommand } from "./commands/completions.ts";
import { configCommand } from "./commands/config.ts";
import { daemonCommand } from "./commands/daemon.ts";
import { disableAutoUpdateCommand } from "./commands/disable_auto_update.ts";
import { enableAutoUpdateCommand } from "./commands/enable_auto_update.ts";
import { applyCommand } from "./commands/apply.ts";
import { discardCommand } from "./commands/discard.ts";
import { diffCommand } from "./commands/diff.ts";
import { undoCommand } from "./commands/undo.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { eventsCommand } from "./commands/events.ts";
import { hookWaitCommand } from "./commands/hook_wait.ts";
import { listCommand } from "./commands/list.ts";
import { listAgentsCommand } from "./commands/list_agents.ts";
import { logsCommand } from "./commands/logs.ts";
import { mcpCommand } from "./commands/mcp.ts";
import { openCommand } from "./commands/open.ts";
import { pruneCommand } from "./commands/prune.ts";
import { questionsCommand } from "./commands/questions.ts";
import { raceCommand } from "./commands/race.ts";
import { removeAgentCommand } from "./commands/remove_agent.ts";
import { replyCommand } from "./commands/reply.ts";
import { retryCommand } from "./commands/retry.ts";
import { runCommand } from "./commands/run.ts";
import { showCommand } from "./commands/show.ts";
import { startCommand } from "./commands/start.ts";
import { statusCommand } from "./commands/status.ts";
import { statsCommand } from "./commands/stats.ts";
import { tryAgentCommand } from "./commands/try_agent.ts";
import { uninstallCommand } from "./commands/uninstall.ts";
import { updateCommand } from "./commands/update.ts";
import { versionCommand } from "./commands/version.ts";
import { waitCommand } from "./commands/wait.ts";

export const COMMANDS: readonly Command[] = [
  ...under("One job", [
    runCommand,
    raceCommand,
    startCommand,
    waitCommand,
    showCommand,
    logsCommand,
    eventsCommand,
    questionsCommand,
    answerCommand,
    replyCommand,
    retryCommand,
    openCommand,
    cancelCommand,
  ]),
  ...under("What a job changed", [diffCommand, applyCommand, undoCommand, discardCommand]),
  ...under("All jobs", [statusCommand, listCommand, statsCommand, pruneCommand]),
  ...under("Hosts (the assistants that use it)", [
    listAgentsCommand,
    addAgentCommand,
    removeAgentCommand,
    mcpCommand,
  ]),
  ...under("This machine", [doctorCommand, tryAgentCommand, configCommand, daemonCommand, hookWaitCommand]),
  ...under("This program", [
    updateCommand,
    checkUpdateCommand,
    enableAutoUpdateCommand,
    disableAutoUpdateCommand,
    uninstallCommand,
    completionsCommand(() => COMMANDS),
    versionCommand,
  ]),
];

function under(group: string, commands: readonly Command[]): Command[] {
  return commands.map((command) => ({ ...command, group }));
}
