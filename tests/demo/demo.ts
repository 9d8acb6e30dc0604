/**
 * `deno task demo`: the real Codex CLI works on a job through the real MCP server, against a scripted model on this
 * machine. It needs no key and no login, and leaves nothing behind, on failure and Ctrl-C neither. `demo model` and
 * `demo release FILE` keep what a person needs to try the program by hand.
 *
 * @module
 */
import { agentExecutable, testCache } from "../support/agents.ts";
import { CodexStage } from "../support/codex_stage.ts";
import { attendModel } from "./attended_model.ts";
import { attendRelease } from "./attended_release.ts";
import { play } from "./play.ts";
import { Voice } from "./voice.ts";

const INTERRUPTED = 130;
const WRONG_USAGE = 2;

async function main(voice: Voice): Promise<number> {
  const interrupt = Promise.withResolvers<"interrupted">();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => interrupt.resolve("interrupted"));
  }
  const [part, file, ...more] = Deno.args;
  if (part === "model" && file === undefined) {
    await attendModel(interrupt.promise, voice);
    return 0;
  }
  if (part === "release" && more.length === 0) {
    await attendRelease(file, interrupt.promise, voice);
    return 0;
  }
  if (part !== undefined) {
    voice.say("Usage: deno task demo [model | release FILE]");
    return WRONG_USAGE;
  }
  return await demonstrate(interrupt.promise, voice);
}

async function demonstrate(interrupted: Promise<"interrupted">, voice: Voice): Promise<number> {
  voice.step("Installing the Codex CLI from npm");
  voice.say(`into ${testCache()}, once; the first time may take a minute`);
  voice.say(await agentExecutable("codex"));

  voice.step("Starting a scripted model, and our MCP server with a client of the SDK at its other end");
  const staged = CodexStage.set();
  try {
    const end = await Promise.race([staged.then((stage) => play(stage, voice)), interrupted]);
    return end === "interrupted" ? INTERRUPTED : 0;
  } catch (error) {
    // Ctrl-C reaches the server too, whose end may be noticed first.
    const end = await Promise.race([interrupted, Promise.resolve("failed")]);
    if (end === "interrupted") return INTERRUPTED;
    throw error;
  } finally {
    voice.step("Cleaning up: the jobs, the daemon and all directories of this demonstration");
    await staged.then((stage) => stage[Symbol.asyncDispose](), () => {});
    voice.say("nothing is left but the installed Codex");
  }
}

const voice = new Voice();
try {
  Deno.exit(await main(voice));
} catch (error) {
  voice.step("This did not work");
  voice.say(error instanceof Error ? error.stack ?? error.message : String(error));
  Deno.exit(1);
}
