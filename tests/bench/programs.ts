/**
 * Benchmark: the program in both of its forms. The compiled one is made afresh, so that it is what the source is.
 *
 * @module
 */
import { join } from "node:path";
import { compileArguments } from "../../.github/release/compile.ts";
import { fromFileUrl } from "../support/from_file_url.ts";

export type Program = readonly [string, ...string[]];

export interface Programs {
  readonly source: Program;
  /** Or why there is none. */
  readonly compiled: Program | { readonly why: string };
}

const TOP = fromFileUrl(new URL("../../", import.meta.url));

/** Prints a base for `deno compile` where Deno's own download host cannot be reached. */
const BASE_TOOL = join(TOP, "../shared/tools/denort");

/** The forms that there are, by name. */
export function formsOf({ source, compiled }: Programs): { form: string; program: Program }[] {
  const forms = [{ form: "source", program: source }];
  return "why" in compiled ? forms : [...forms, { form: "compiled", program: compiled }];
}

/**
 * @param directory where the executable is put
 * `AGENT_ASYNC_TEST_EXECUTABLE` names one that is there already.
 */
export async function findPrograms(directory: string): Promise<Programs> {
  const source: Program = [Deno.execPath(), "run", "-A", "--no-check", join(TOP, "main.ts")];
  const given = Deno.env.get("AGENT_ASYNC_TEST_EXECUTABLE");
  if (given !== undefined) return { source, compiled: [given] };
  const executable = join(directory, "agent-async");
  const env = await compilerEnvironment();
  const compiler = env.DENO_COMPILE ?? Deno.execPath();
  const { code, stderr } = await new Deno.Command(compiler, {
    args: compileArguments(["--quiet", "-o", executable]),
    cwd: TOP,
    env,
    stdin: "null",
  }).output().catch((error) => ({ code: 1, stderr: new TextEncoder().encode(String(error)) }));
  if (code === 0) return { source, compiled: [executable] };
  const said = new TextDecoder().decode(stderr).trim().split("\n").at(-1) ?? "";
  return { source, compiled: { why: `deno compile failed: ${said}` } };
}

async function compilerEnvironment(): Promise<Record<string, string>> {
  const env = Deno.env.toObject();
  if (env.DENORT_BIN !== undefined) return env;
  try {
    const { code, stdout } = await new Deno.Command(BASE_TOOL, { stdin: "null" }).output();
    if (code !== 0) return env;
    const exported = new TextDecoder().decode(stdout).matchAll(/^export (\w+)='(.*)'$/gm);
    return { ...env, ...Object.fromEntries([...exported].map(([, name, value]) => [name, value])) };
  } catch {
    return env;
  }
}
