/**
 * Room `domain`: tracks what a silent agent is busy with: a command, a tool call or a model call. It distinguishes an
 * agent that still works from one whose process stays after its work.
 *
 * @module
 */
import type { EventBody } from "./event_body.ts";

/** The tool that reports the work as done. Its own call must not count as work that is still under way. */
const REPORT_TOOL = /(?:^|[_.])agent_notify_done$/;

/** Counts one turn's events; `count` them in order. */
export class UnderWay {
  /** Actions that have begun and not ended, by their ids. */
  readonly #open = new Set<string>();
  /** Whether an action has ended, so that the model is being asked with its output. */
  #asksModel = false;
  /** Whether a model call has failed and is being retried. */
  #retries = false;

  /** Whether the agent is known to be busy. */
  get isKnown(): boolean {
    return this.#open.size > 0 || this.#asksModel || this.#retries;
  }

  /**
   * To be called when the work was reported as done. The report answers the model call after the last action, so that
   * call is over.
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
