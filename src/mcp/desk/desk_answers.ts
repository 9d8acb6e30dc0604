/**
 * Room `mcp`: what hosts ask right after the greeting, answered without a session and without starting a daemon.
 *
 * @module
 */
import type { ListResult } from "../../service/read_requests.ts";
import type { Log } from "../../system/log.ts";
import type { DeskAnswer } from "./front_desk.ts";
import type { ToolShelf } from "../tools/tool_shelf.ts";
import { formOf, type ToolWatch } from "../feed/tool_watch.ts";
import { asksBeforeCalls } from "../host_tool_names.ts";
import { NEVER_ALLOWED, type ToolsetName } from "../tools/toolset_names.ts";
import { within } from "../../system/deadline.ts";

/** Ms that a list of resources waits for the daemon. */
const RECENT_JOBS_MS = 2_000;

export interface DeskAnswersOptions {
  shelf: ToolShelf;
  watch: ToolWatch;
  toolsets: readonly ToolsetName[];
  recentJobs: (() => Promise<ListResult | null>) | undefined;
  log: Log;
}

export function deskAnswers(options: DeskAnswersOptions): Record<string, DeskAnswer> {
  const { shelf, watch, toolsets } = options;
  return {
    "tools/list": async (_params, client) => {
      const tools = await shelf.list();
      watch.listed(tools.map(formOf));
      const isShown = (name: string) => asksBeforeCalls(client) || !NEVER_ALLOWED.includes(name);
      return { tools: tools.filter(({ name }) => isShown(name)) };
    },
    "prompts/list": async () => {
      const { PROMPTS } = await import("../prompts/prompts.ts");
      return { prompts: [...PROMPTS] };
    },
    "prompts/get": async (params) => {
      const { getPrompt } = await import("../prompts/prompts.ts");
      return getPrompt(params, toolsets);
    },
    "resources/list": async () => {
      const { listedResources } = await import("../resources/resource_catalog.ts");
      return { resources: listedResources(await recentJobs(options)) };
    },
    "resources/templates/list": async () => {
      const { RESOURCE_TEMPLATES } = await import("../resources/resource_catalog.ts");
      return { resourceTemplates: [...RESOURCE_TEMPLATES] };
    },
  };
}

/** None when there is no daemon, or it does not answer in time: a list is no place for its faults. */
async function recentJobs({ recentJobs: ask, log }: DeskAnswersOptions): Promise<ListResult["jobs"]> {
  if (ask === undefined) return [];
  try {
    return (await within(RECENT_JOBS_MS, ask()))?.jobs ?? [];
  } catch (error) {
    log.warn("The recent jobs could not be listed", { error: String(error) });
    return [];
  }
}
