/**
 * Room `domain`: what an agent is known to be busy with although it prints nothing: a command, a tool call, an attempt
 * at a model call. It tells an agent that still works from one that has done its work and does not leave.
 *
 * @module
 */
import type { EventBody } from "./event.ts";

/** The report itself is a tool call; it is no work that the report would have to wait for. */
const REPORT_TOOL = /(?:^|[_.])agent_notify_done$/;

/** Counts one turn's events; `count` them in order. */
export class UnderWay {
  /** Actions that have begun and not ended, by their ids. */
  readonly #open = new Set<string>();
  /** What an action has given goes to the model. */
  #asksModel = false;
  /** An attempt to reach the model has failed, and is being made again. */
  #retries = false;

  get isKnown(): boolean {
    return this.#open.size > 0 || this.#asksModel || this.#retries;
  }

  /**
   * The agent, or somebody for it, has reported its work as done: the model that was asked after the last action has
   * answered with that.
   */
  reported(): void {
    this.#asksModel = false;
  }

  count(event: EventBody): void {
    if (event.type !== "warning" && event.type !== "status") this.#retries = false;
    switch (event.type) {
      case "command":
      case "file_change":
        return this.#action(event.id, event.state === "started");
      case "tool_call":
        if (!REPORT_TOOL.test(event.tool)) this.#action(event.id, event.state === "started");
        return;
      case "error":
        this.#retries = event.transient;
        return;
      case "message":
        this.#asksModel = false;
        return;
      case "session":
      case "reasoning":
      case "web_search":
      case "plan":
      case "usage":
      case "warning":
      case "status":
      case "raw":
        return;
    }
  }

  #action(id: string, isStarted: boolean): void {
    if (isStarted) this.#open.add(id);
    else this.#open.delete(id);
    this.#asksModel = !isStarted;
  }
}
