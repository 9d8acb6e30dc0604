/**
 * Room `cli`: the first steps, shown to a person who types the name of the program without arguments.
 *
 * @module
 */

const FIRST_STEPS: readonly (readonly [line: string, says: string])[] = [
  ['run "fix the failing test"', "start a job and watch it to its end"],
  ['start "write the tests"', "start one and come back at once"],
  ["status", "watch all jobs; ? shows the keys"],
  ["wait last", "wait for the newest, print its answer"],
  ['reply last "and the docs"', "go on in the same agent session"],
];

const NEXT_STEPS: readonly (readonly [line: string, says: string])[] = [
  ["add-agent claude-code", "let your assistant do the same"],
  ["doctor", "see what is missing or broken"],
];

/** The text, which fits into 80 columns and 24 lines together with the shell's prompts. */
export function shortHelp(): string {
  const width = Math.max(...[...FIRST_STEPS, ...NEXT_STEPS].map(([line]) => line.length));
  const lines = (steps: typeof FIRST_STEPS) =>
    steps.map(([line, says]) => `  agent-async ${line.padEnd(width)}  ${says}\n`).join("");
  return `agent-async hands work to coding agents as durable background jobs.

${lines(FIRST_STEPS)}
${lines(NEXT_STEPS)}
agent-async --help lists every command, agent-async COMMAND --help says more.
`;
}
