/**
 * The test command: installs the agents that the tests drive, runs `deno test` over `tests/` and ends with one plain
 * line, `N passed, N failed`. Arguments go to `deno test`: `deno task test tests/domain --filter usage`.
 *
 * @module
 */
import { agentExecutable, REAL_AGENTS } from "./support/agents.ts";
import { readSummary, verdict } from "./support/test_summary.ts";

const TOP = new URL("../", import.meta.url);

/** The end of the output, which is all that a summary needs: characters. */
const TAIL_CHARS = 65_536;

async function main(): Promise<number> {
  // Before the first test, so that no test's own time limit pays for it.
  for (const agent of REAL_AGENTS) {
    try {
      await agentExecutable(agent);
    } catch (error) {
      // The tests that need it fail and say so; the others still count.
      console.error(error instanceof Error ? error.message : error);
    }
  }
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--quiet", ...Deno.args],
    cwd: TOP,
    env: testEnvironment(),
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let tail = "";
  const decoder = new TextDecoder();
  for await (const part of child.stdout) {
    await writeAll(part);
    tail = (tail + decoder.decode(part, { stream: true })).slice(-TAIL_CHARS);
  }
  const { line, code } = verdict(readSummary(tail), (await child.status).code);
  await writeAll(new TextEncoder().encode(`${line}\n`));
  return code;
}

/** Without what an agent-async around this run, or a person's own settings of it, would change. */
function testEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(Deno.env.toObject()).filter(([name]) => !name.startsWith("AGENT_ASYNC_")),
  );
}

async function writeAll(bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
}

Deno.exit(await main());
