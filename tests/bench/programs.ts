/**
 * Benchmark: the program in both of its forms. The compiled one is made afresh, so that it is what the source is.
 *
 * @module
 */
import { join } from "node:path";
import { fromFileUrl } from "../support/from_file_url.ts";

export type Program = readonly [string, ...string[]];

export interface Programs {
  readonly source: Program;
  /** Or why there is none. */
  readonly compiled: Program | { readonly why: string };
  /** Of another revision, which is measured in turn with this one. */
  readonly others?: readonly Form[];
}

/** A program, and how its figures are called. */
export interface Form {
  readonly form: string;
  readonly program: Program;
}

/** The top directory of this work tree. */
export const TOP = fromFileUrl(new URL("../../", import.meta.url));

/** Prints a base for `deno compile` where Deno's own download host cannot be reached. */
const BASE_TOOL = join(TOP, "../shared/tools/denort");

/** The forms that there are, by name. */
export function formsOf({ source, compiled, others = [] }: Programs): Form[] {
  const forms = [{ form: "source", program: source }];
  if (!("why" in compiled)) forms.push({ form: "compiled", program: compiled });
  return [...forms, ...others];
}

/** The program from the source of a work tree. */
export function sourceAt(top: string): Program {
  return [Deno.execPath(), "run", "-A", "--no-check", join(top, "main.ts")];
}

/**
 * @param directory where the executable is put
 * `AGENT_ASYNC_TEST_EXECUTABLE` names one that is there already.
 */
export async function findPrograms(directory: string): Promise<Programs> {
  const source = sourceAt(TOP);
  const given = Deno.env.get("AGENT_ASYNC_TEST_EXECUTABLE");
  if (given !== undefined) return { source, compiled: [given] };
  return { source, compiled: await compiledAt(TOP, join(directory, "agent-async")) };
}

/** Compiled afresh from the source of a work tree, or why it could not be. */
export async function compiledAt(top: string, executable: string): Promise<Programs["compiled"]> {
  const env = await compilerEnvironment();
  const compiler = env.DENO_COMPILE ?? Deno.execPath();
  const { code, stderr } = await new Deno.Command(compiler, {
    args: ["run", "-A", ".github/release/compile.ts", "--quiet", "-o", executable],
    cwd: top,
    env,
    stdin: "null",
  }).output().catch((error) => ({ code: 1, stderr: new TextEncoder().encode(String(error)) }));
  if (code === 0) return [executable];
  const said = new TextDecoder().decode(stderr).trim().split("\n").at(-1) ?? "";
  return { why: `deno compile failed: ${said}` };
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
