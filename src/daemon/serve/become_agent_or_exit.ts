/**
 * Room `daemon`: this process as the one that becomes an agent.
 *
 * @module
 */
import { becomeAgent } from "../../kernel/wrapper/become_agent.ts";

/** Its stderr is the agent's. Ends this process where it cannot become the agent. */
export function becomeAgentOrExit(command: readonly string[]): never {
  const say = (words: string) => Deno.stderr.writeSync(new TextEncoder().encode(`agent-async: ${words}\n`));
  Deno.exit(becomeAgent(command, say));
}
