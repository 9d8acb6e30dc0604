/**
 * The official conformance suite at a pinned version, installed from npm on first use outside of the repository, so that
 * neither the program nor its compile graph knows it.
 *
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import { installFromNpm } from "../support/agents.ts";

/** The first line of versions that knows both eras. */
const VERSION = "0.2.0-alpha.12";

/** Ms for one run of it: ten seconds on an idle machine. */
const RUN_MS = 600_000;

const Checks = z.array(z.looseObject({
  id: z.string(),
  status: z.enum(["SUCCESS", "FAILURE", "WARNING", "SKIPPED", "INFO"]),
  errorMessage: z.string().optional(),
}));

export interface Check {
  readonly scenario: string;
  readonly id: string;
  readonly status: z.infer<typeof Checks>[number]["status"];
  readonly message: string;
}

/** The absolute path of its program. */
export function conformanceSuite(): Promise<string> {
  return installFromNpm("@modelcontextprotocol/conformance", {
    version: VERSION,
    command: "conformance",
    under: "conformance",
    // It wants a newer Node than many have.
    interpreter: [Deno.execPath(), "run", "-A", "--quiet"],
  });
}

/**
 * What the suite says of the server at `url`.
 *
 * @param chosen its own arguments: which scenarios, at which revision.
 */
export async function runSuite(url: string, chosen: readonly string[]): Promise<Check[]> {
  const program = await conformanceSuite();
  const directory = Deno.makeTempDirSync({ prefix: "agent-async-conformance-" });
  try {
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", program, "server", "--url", url, "--output-dir", directory, ...chosen],
      cwd: directory,
      stdin: "null",
      signal: AbortSignal.timeout(RUN_MS),
    }).output();
    const checks = [...Deno.readDirSync(directory)].flatMap(({ name }) => checksIn(directory, name));
    if (checks.length > 0) return checks;
    const said = new TextDecoder().decode(new Uint8Array([...stdout, ...stderr]));
    throw new Error(`The suite has checked nothing: ${said.slice(-2_000)}`);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

/** @param name of the results of a scenario: `server-NAME-TIME`. */
function checksIn(directory: string, name: string): Check[] {
  const scenario = /^server-(.+?)-\d{4}-\d{2}-\d{2}T/.exec(name)?.[1];
  if (scenario === undefined) return [];
  const text = Deno.readTextFileSync(join(directory, name, "checks.json"));
  return Checks.parse(JSON.parse(text)).map(({ id, status, errorMessage = "" }) => ({
    scenario,
    id,
    status,
    message: errorMessage,
  }));
}
