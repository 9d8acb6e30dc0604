/**
 * Room `mcp`: the tools of this session. Loaded when first asked for, so that the greeting need not wait for them.
 *
 * @module
 */
import { DEFAULT_AGENT } from "../../agents/default_agent.ts";
import type { Log } from "../../system/log.ts";
import type { ListedAgent } from "../agent_titles.ts";
import type { ToolDefinition } from "./definition/define_tool.ts";
import type { Tool } from "./definition/tool.ts";
import type { ToolChoice } from "./toolsets.ts";
import type { ToolsetName } from "./toolset_names.ts";
import { within } from "../../system/deadline.ts";

/**
 * Ms that a list waits for the search for agents, which stops asking for versions after 1.5 s: longer takes only a
 * machine that is very busy. A host that gets no list drops the server, the strictest one after 10 s.
 */
const DETECTION_MS = 8_000;

export interface ToolShelfOptions {
  toolsets: readonly ToolsetName[];
  agents: () => Promise<ListedAgent[]>;
  /** Whether this server runs inside a job. */
  isInsideJob: boolean;
  /** Whether models may answer what agents ask; asked at each list. They may unless it is given. */
  mayAnswer?: (() => Promise<boolean>) | undefined;
  log: Log;
}

export class ToolShelf {
  readonly #options: ToolShelfOptions;
  #modules: ReturnType<typeof loadModules> | undefined;
  /** The tools that can be called whatever agents are found, by name. */
  #certain: ReadonlyMap<string, Tool> | undefined;

  constructor(options: ToolShelfOptions) {
    this.#options = options;
  }

  async load(): Promise<void> {
    await this.#load();
  }

  /** As `tools/list` shows them. */
  async list(): Promise<ToolDefinition[]> {
    const agents = this.#agents();
    const { listedTools, definitionOf } = await this.#load();
    return listedTools(await this.#choice(), await agents).map(definitionOf);
  }

  async find(name: string): Promise<Tool | undefined> {
    const { callableTools } = await this.#load();
    const { toolsets, isInsideJob } = this.#options;
    // Also where models may not answer: then the service says who may.
    const choice = { toolsets, isInsideJob };
    this.#certain ??= new Map(callableTools(choice, []).map((tool) => [tool.name, tool]));
    return this.#certain.get(name) ??
      callableTools(choice, await this.#agents()).find((tool) => tool.name === name);
  }

  async #choice(): Promise<ToolChoice> {
    const { toolsets, isInsideJob, mayAnswer } = this.#options;
    return { toolsets, isInsideJob, mayAnswer: await mayAnswer?.() ?? true };
  }

  #load(): ReturnType<typeof loadModules> {
    this.#modules ??= loadModules();
    return this.#modules;
  }

  /** What is known in time; a search that fails costs the other agents, not the server. */
  async #agents(): Promise<ListedAgent[]> {
    try {
      const agents = await within(DETECTION_MS, this.#options.agents());
      if (agents !== null) return agents;
      this.#options.log.warn(`The search for agents takes too long: only ${DEFAULT_AGENT} is listed`);
    } catch (error) {
      this.#options.log.warn(`The search for agents failed: only ${DEFAULT_AGENT} is listed`, {
        error: String(error),
      });
    }
    return [];
  }
}

async function loadModules() {
  const [{ listedTools, callableTools }, { definitionOf }] = await Promise.all([
    import("./toolsets.ts"),
    import("./definition/define_tool.ts"),
  ]);
  return { listedTools, callableTools, definitionOf };
}
