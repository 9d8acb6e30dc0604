/**
 * Benchmark: output as the real Codex prints it, as much as is wanted: what was recorded of it, over and over.
 *
 * @module
 */
import { fromFileUrl } from "../support/from_file_url.ts";

const RECORDED = fromFileUrl(new URL("../fixtures/recorded/codex", import.meta.url));

/** Recordings of an ordinary turn each; without their first and last words, which come once. */
const ORDINARY = ["cmd-workspace-write", "patch-workspace-write", "parallel", "plan", "web", "mcp-bypass"];

const EDGE = /"type":"(?:thread\.started|turn\.started|turn\.completed|turn\.failed|error)"/;

/** What a command that has something to say prints: a test run, a search, a file. */
const COMMAND_OUTPUT = "src/kernel/output/line_tail.ts:112:  const bytes = this.buffer.subarray(0, held);\n"
  .repeat(
    40,
  );

export interface CodexLinesOptions {
  /** About so many. */
  bytes: number;
  /** Whether commands print 3 KB each instead of the few words that were recorded. */
  isTalkative?: boolean;
}

/** Writes them to `path`. @returns what was written. */
export function writeCodexLines(
  path: string,
  { bytes, isTalkative = false }: CodexLinesOptions,
): { lines: number; bytes: number } {
  const recorded = ORDINARY.flatMap((name) =>
    Deno.readTextFileSync(`${RECORDED}/${name}.jsonl`).split("\n").filter((line) =>
      line !== "" && !EDGE.test(line)
    )
  );
  const lines = isTalkative ? recorded.map(talkative) : recorded;
  const block = new TextEncoder().encode(`${lines.join("\n")}\n`);
  const blocks = Math.max(1, Math.round(bytes / block.length));
  using file = Deno.openSync(path, { write: true, create: true, truncate: true });
  for (let n = 0; n < blocks; n += 1) writeAll(file, block);
  return { lines: blocks * lines.length, bytes: blocks * block.length };
}

function talkative(line: string): string {
  return line.replace(
    /"aggregated_output":"[^"\\]+(?:\\.[^"\\]*)*"/,
    () => `"aggregated_output":${JSON.stringify(COMMAND_OUTPUT)}`,
  );
}

/** Writes messages whose transcript has at least `bytes` bytes. */
export function writeTranscriptSource(path: string, bytes: number): void {
  const text = "The build runs in three steps, and each of them leaves a file behind.\\n".repeat(14);
  const item = { id: "item_0", type: "agent_message", text: "" };
  const line = JSON.stringify({ type: "item.completed", item }).replace('"text":""', `"text":"${text}"`);
  const block = new TextEncoder().encode(`${line}\n`);
  using file = Deno.openSync(path, { write: true, create: true, truncate: true });
  for (let written = 0; written < bytes * 1.1; written += block.length) writeAll(file, block);
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
}
