/**
 * Room `domain`: composes an agent's prompt from the caller's prompt and what the agent cannot know by itself. Rule of
 * this file: the result contains the caller's prompt word for word.
 *
 * @module
 */
import { replayPrompt, type ReplayTurn } from "./replay.ts";

export interface PromptParts {
  /** The prompt as the caller wrote it. */
  readonly asked: string;
  /** A remark of the agent's driver on what was asked; `null` for none. */
  readonly note: string | null;
  /** What is said of the form of the answer; `null` where the agent is told of it in another way. */
  readonly form?: string | null;
  /** Whether a usage limit interrupted the same task in this session. */
  readonly isInterrupted: boolean;
  /** Earlier turns to replay, oldest first; empty when the agent keeps its own session. */
  readonly conversation: readonly ReplayTurn[];
  /** The project's instructions as {@link rulesText} gives them; "" when the agent knows them. */
  readonly rules: string;
}

/** Most characters (UTF-16 units) of a replayed conversation and the new prompt together. */
const REPLAY_CHARS = 900_000;

export function composePrompt(
  { asked, note, form = null, isInterrupted, conversation, rules }: PromptParts,
): string {
  const noted = [asked, note, form].filter((text) => text !== null).join("\n\n");
  const prompt = isInterrupted ? goOn(noted) : noted;
  return withRules(replayPrompt(conversation, prompt, REPLAY_CHARS), rules);
}

/** For a session that a usage limit interrupted: it knows the task, and must not begin it again from the start. */
function goOn(asked: string): string {
  return `A usage limit interrupted you and has ended. Go on where you stopped with this task:\n\n${asked}`;
}

function withRules(prompt: string, rules: string): string {
  return rules === "" ? prompt : `Follow the rules of this project:\n${rules}\n\n${prompt}`;
}

/** A file of instructions that a project keeps for its agents. */
export interface RuleText {
  /** The path that the agent is shown. */
  readonly name: string;
  readonly text: string;
}

/**
 * Most characters of all rules together. With the longest prompt (1,000,000 characters) they stay below the 1,048,576
 * that Codex accepts.
 */
const MAX_RULES_CHARS = 40_000;

/** The files as one text, each between tags; "" for none. Leaves out files that are empty or no longer fit. */
export function rulesText(files: readonly RuleText[]): string {
  let room = MAX_RULES_CHARS;
  const blocks = files.flatMap(({ name, text: whole }) => {
    const text = withoutFrontMatter(whole).trim();
    const block = `<rules path="${name}">\n${text.replaceAll("</rules>", "<\\/rules>")}\n</rules>`;
    if (text === "" || block.length > room) return [];
    room -= block.length;
    return [block];
  });
  return blocks.join("\n");
}

/** An agent's own settings of a rule (`globs`, `alwaysApply`) mean nothing to another agent. */
function withoutFrontMatter(text: string): string {
  return text.replace(/^---\r?\n[\s\S]*?\r?\n---\r?\n/, "");
}
