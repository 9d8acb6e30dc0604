/**
 * Benchmark: the benchmark's agent without any program around it: the floor that every way of running it stands on.
 *
 * @module
 */
import type { BenchHome } from "./bench_home.ts";
import { pause } from "./measure.ts";

/** Ms from asking for a job to its first instruction, and from its end to being told of it. */
export interface JobTimes {
  readonly toBorn: number;
  readonly toTold: number;
}

/** The agent's last line, by which a reader of its output knows that it is done. */
const LAST_WORD = '"turn.completed"';

export function bareJobs(home: BenchHome): Record<string, () => Promise<JobTimes>> {
  return {
    "spawned directly": () => spawned(home),
    "sh in the background, a file, tail -f": () => inBackground(home),
  };
}

/** A child whose output is a pipe: dies with its parent. */
async function spawned(home: BenchHome): Promise<JobTimes> {
  const job = home.watchedJob();
  const began = performance.now();
  const child = new Deno.Command("codex", {
    env: home.env,
    cwd: home.state.cwd,
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const read = child.stdout.pipeTo(new WritableStream());
  await write(child.stdin, job.prompt);
  const toBorn = await job.born - began;
  await pause(30, 130);
  job.open();
  await child.status;
  const told = performance.now();
  await read;
  return { toBorn, toTold: Math.max(0, told - await job.ended) };
}

/** As a person does it in a shell: nobody is told of the end but who reads on in the file. */
async function inBackground(home: BenchHome): Promise<JobTimes> {
  const job = home.watchedJob();
  const file = home.path("background.jsonl");
  const prompt = home.path("background.md");
  Deno.writeTextFileSync(prompt, job.prompt);
  Deno.writeTextFileSync(file, "");
  const began = performance.now();
  const sh = await new Deno.Command("sh", {
    args: ["-c", 'codex <"$0" >"$1" 2>&1 &', prompt, file],
    env: home.env,
    cwd: home.state.cwd,
  }).output();
  if (!sh.success) throw new Error("sh could not start the agent");
  const toBorn = await job.born - began;
  const tail = new Deno.Command("tail", { args: ["-n", "+1", "-f", file], stdout: "piped" }).spawn();
  const seen = sightOf(LAST_WORD, tail.stdout);
  await pause(30, 130);
  job.open();
  const [told, ended] = await Promise.all([seen, job.ended]);
  try {
    tail.kill("SIGTERM");
  } catch {
    // Nobody read on, and it had more to say: it has left by itself.
  }
  await tail.status;
  // The last line is seen before its writer has ended: then there is nothing to wait for.
  return { toBorn, toTold: Math.max(0, told - ended) };
}

/** `performance.now()` when `word` has come; the stream is left then. */
async function sightOf(word: string, stream: ReadableStream<Uint8Array>): Promise<number> {
  let text = "";
  for await (const part of stream.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (text.includes(word)) return performance.now();
  }
  throw new Error(`tail ended without ${word}`);
}

async function write(stream: WritableStream<Uint8Array>, text: string): Promise<void> {
  const writer = stream.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
}
