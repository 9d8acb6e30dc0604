/**
 * Room `mcp`: agents come and go while a host is connected. Whoever has read the list of tools is told when it has
 * become another one.
 *
 * @module
 */
import type { Log } from "../../system/log.ts";
import type { ToolDefinition } from "../tools/definition/define_tool.ts";

/** Ms between two looks when nobody calls; a look is some 100 questions to the file system. */
export const LOOK_EVERY_MS = 30_000;
/** Ms between two looks at least, however many calls there are. */
const LEAST_GAP_MS = 1_000;

export interface ToolWatchOptions {
  /** The tools, each as {@link formOf} has it, as a list would have them now. */
  forms: () => Promise<readonly string[]>;
  tell: () => Promise<void>;
  everyMs: number;
  log: Log;
}

/** What makes a tool of a list another one: its words too, since the agents of one start are among them. */
export function formOf(
  { name, description, inputSchema }: Pick<ToolDefinition, "name" | "description" | "inputSchema">,
) {
  return JSON.stringify([name, description, inputSchema]);
}

export class ToolWatch implements Disposable {
  readonly #options: ToolWatchOptions;
  #told: string | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #lookedAt = 0;
  #isLooking = false;

  constructor(options: ToolWatchOptions) {
    this.#options = options;
  }

  /** Remembers the list that the host was just given. */
  listed(forms: readonly string[]): void {
    this.#told = forms.join();
    this.#lookedAt = performance.now();
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => void this.#look(), this.#options.everyMs);
    Deno.unrefTimer(this.#timer);
  }

  /** Called when a call was answered. Looks for agents again, unless that was done a moment ago. Never throws. */
  called(): void {
    if (performance.now() - this.#lookedAt >= LEAST_GAP_MS) void this.#look();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#told = undefined;
  }

  async #look(): Promise<void> {
    if (this.#told === undefined || this.#isLooking) return;
    this.#isLooking = true;
    try {
      const now = (await this.#options.forms()).join();
      const isNew = this.#told !== undefined && now !== this.#told;
      if (isNew) {
        this.#told = now;
        await this.#options.tell();
      }
    } catch (error) {
      this.#options.log.warn("The agents could not be looked for", { error: String(error) });
    } finally {
      this.#lookedAt = performance.now();
      this.#isLooking = false;
    }
  }
}
