/**
 * Support for tests: talks that were recorded from the real `codex app-server`.
 *
 * @module
 */
import { recordedLines } from "./recorded.ts";

/** Our requests in a recording carry numbers, and in the talk names. */
const KEYS: Readonly<Record<string, string>> = {
  initialize: "initialize",
  "thread/start": "thread",
  "turn/start": "turn",
};

/** The lines that Codex printed in a recorded talk, as if the requests of the talk had been answered. */
export function recordedTalk(name: string): string[] {
  const keys = new Map<number, string>();
  return recordedLines(`codex_talk/${name}.jsonl`).flatMap((line) => {
    const { dir, msg } = JSON.parse(line);
    if (dir === "->" && msg.method !== undefined && msg.id !== undefined) {
      keys.set(msg.id, KEYS[msg.method] ?? "");
    }
    if (dir !== "<-") return [];
    const isAnswer = msg.id !== undefined && msg.method === undefined;
    return [JSON.stringify(isAnswer ? { ...msg, id: keys.get(msg.id) } : msg)];
  });
}
