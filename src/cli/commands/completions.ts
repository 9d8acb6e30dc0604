/**
 * Room `cli`: the command `completions`, which prints the completions of a shell.
 *
 * @module
 */
import * as z from "zod";
import { type Command, defineCommand } from "../command.ts";
import { EXIT } from "../entry/exit_code.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;

/** @param commands returns every command, this one included. A function, since that list does not exist yet. */
export const completionsCommand = (commands: () => readonly Command[]): Command =>
  defineCommand({
    name: "completions",
    summary: "Print the completions of a shell: bash, zsh or fish",
    arguments: [{ name: "SHELL", summary: SHELLS.join(", "), words: SHELLS }],
    examples: [
      { line: "completions bash >> ~/.bashrc", says: "For every new bash." },
      { line: 'completions zsh > "${fpath[1]}/_agent-async"', says: "For zsh, before its compinit." },
      { line: "completions fish > ~/.config/fish/completions/agent-async.fish", says: "For fish." },
    ],
    input: z.object({ shell: z.enum(SHELLS, { error: `must be one of ${SHELLS.join(", ")}` }) }),
    async run(input, { io }) {
      const { completionTree } = await import("../completions/completion_tree.ts");
      const tree = completionTree(commands());
      switch (input.shell) {
        case "bash":
          await io.stdout.write((await import("../completions/bash.ts")).bashCompletions(tree));
          break;
        case "zsh":
          await io.stdout.write((await import("../completions/zsh.ts")).zshCompletions(tree));
          break;
        case "fish":
          await io.stdout.write((await import("../completions/fish.ts")).fishCompletions(tree));
          break;
      }
      return EXIT.done;
    },
  });
