/**
 * Chaos: a job that says something, waits until a file is there, and says something more.
 *
 * @module
 */
import type { Ledger, Order } from "./ledger.ts";
import type { Expected } from "./script.ts";

export interface GatedJobOptions {
  token: string;
  /** The file that it waits for; without one it waits for ever. */
  gate: string | null;
  timeoutSeconds?: number;
  /** What becomes of it when it does not come through the gate. */
  becomes?: Pick<Expected, "status" | "reason">;
}

export function gatedJob(ledger: Ledger, options: GatedJobOptions): Order {
  const { token, gate, timeoutSeconds, becomes } = options;
  const [before, after] = [`${token} before`, `${token} after`];
  const lines = [`run echo x >>'${ledger.ledgerFile(token)}'`, `say ${before}`];
  lines.push(...(gate === null ? ["wait never"] : [`wait ${gate}`, `say ${after}`]));
  const order = ledger.add({
    token,
    isEndless: false,
    reply: null,
    cwd: ledger.site.workspace(`work-${token}`),
    script: {
      prompt: lines.join("\n"),
      expected: becomes === undefined
        ? { status: "done", reason: "completed", exitCode: 0, result: after, messages: [before, after] }
        : { ...becomes, exitCode: undefined, result: undefined, messages: [before] },
    },
  });
  if (timeoutSeconds !== undefined) order.request.timeout_seconds = timeoutSeconds;
  return order;
}

/** Whether its agent has said its first word and waits now, as the job's own files show. */
export function hasBegun(ledger: Ledger, { acknowledged, token }: Order): boolean {
  const path = `${ledger.site.home}/jobs/${acknowledged}/turns/1/raw.jsonl`;
  try {
    return Deno.readTextFileSync(path).includes(`${token} before`);
  } catch {
    return false;
  }
}
