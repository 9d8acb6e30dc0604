/**
 * `deno task demo model`: the scripted model stays, with a home for Codex that knows nothing else, so that a person can
 * try every command of the program without a key. Whatever the prompt, something sensible happens.
 *
 * @module
 */
import { dirname } from "node:path";
import { z } from "zod";
import { addFile, answer, type Asked, plan, reasoning, shell, type Step, text } from "../model/scenario.ts";
import { DEFAULT_SCENARIO, ModelServer } from "../model/server.ts";
import { agentExecutable, testCache } from "../support/agents.ts";
import { CodexHome } from "../support/codex_home.ts";
import type { Voice } from "./voice.ts";

/** Codex offers its model the plan only when it is told to. */
const CODEX_CONFIG = "[tools.update_plan]\nenabled = true\n";

/** Steps of a prompt that asks for it slowly: minutes of them, so that there is time to watch and to cancel. */
const SLOW_STEPS = 300;

/** A pause in which a real model would think. */
const delayMs = 600;

/** Serves until `ended`. */
export async function attendModel(ended: Promise<unknown>, voice: Voice): Promise<void> {
  voice.step("Installing the Codex CLI from npm");
  voice.say(`into ${testCache()}, once; the first time may take a minute`);
  const command = await agentExecutable("codex");
  await using model = ModelServer.start();
  using home = new CodexHome({ model, config: CODEX_CONFIG });
  model.script(DEFAULT_SCENARIO, [], answerTo);
  voice.step(`A scripted model answers at ${model.url} until Ctrl-C. In another terminal:`);
  voice.say(`export PATH="${dirname(command)}:$PATH" CODEX_HOME="${home.codexHome}"`);
  voice.step("Then codex, and every job of it, talks to this model only");
  voice.say("Any prompt makes it add greeting.txt to the directory. One with the word slowly takes minutes.");
  await ended;
}

/** Decided by what has been said and done, and by nothing else: any number of jobs may ask at once. */
function answerTo({ userTexts, body }: Asked): ReturnType<Extract<Step, (asked: Asked) => unknown>> {
  const prompt = userTexts.at(-1) ?? "";
  const { done, isReply } = progress(body);
  if (/\bslow(?:ly)?\b/i.test(prompt) && done < SLOW_STEPS) {
    return answer([text(`Step ${done + 1} of ${SLOW_STEPS}.`), shell("sleep 2")], { delayMs });
  }
  if (isReply) return answer([text(`It is greeting.txt, and you asked: ${prompt.trim()}`)], { delayMs });
  const steps = ["Look around", "Write greeting.txt", "Read it back"];
  const planned = (count: number) => plan(steps.map((text, index) => ({ text, done: index < count })));
  const answers = [
    [reasoning("**Making a plan** before I write"), planned(0)],
    [text("First I look at what is here."), shell("pwd && ls")],
    [addFile("greeting.txt", "Hello from a background job.\n")],
    [shell("cat greeting.txt")],
    [planned(steps.length)],
  ];
  return answer(answers[done] ?? [text("I added greeting.txt with one line of welcome.")], { delayMs });
}

const Conversation = z.object({ input: z.array(z.unknown()).catch([]) }).catch({ input: [] });
const Said = z.object({ role: z.string() });
const Output = z.object({ type: z.string().endsWith("_output") });

/** How many tools have answered since the last prompt, and whether there was a prompt before it. */
function progress(body: unknown): { done: number; isReply: boolean } {
  const { input } = Conversation.parse(body);
  const roles = input.map((item) => Said.safeParse(item).data?.role);
  const last = roles.lastIndexOf("user");
  return {
    done: input.slice(last + 1).filter((item) => Output.safeParse(item).success).length,
    isReply: roles.slice(0, Math.max(0, last)).includes("assistant"),
  };
}
