/**
 * Test support: this program as one executable, of any version, made by `deno compile` where its base can be had.
 *
 * @module
 */
import { copy } from "./copy_directory.ts";
import { fromFileUrl } from "./from_file_url.ts";

const TOP = fromFileUrl(new URL("../../", import.meta.url));

/** What the executable is made from; none of it knows the tests. */
const SOURCES = ["main.ts", "deno.json", "deno.lock", "src", ".github"];

/**
 * Bytes of executables by version, all made with one Deno.
 *
 * A `deno compile` needs a base executable, which it downloads; `DENORT_BIN` names one that is there already, and
 * `DENO_COMPILE` a deno that writes for that base.
 *
 * @returns `null`, with a word about it on stderr, where no base can be had.
 */
export async function compiledPrograms<Version extends string>(
  versions: readonly Version[],
): Promise<Record<Version, Uint8Array> | null> {
  const directory = Deno.makeTempDirSync({ prefix: "agent-async-compiled-" });
  try {
    const made: Partial<Record<Version, Uint8Array>> = {};
    for (const version of versions) {
      const executable = await compile(directory, version);
      if (executable === null) return null;
      made[version] = Deno.readFileSync(executable);
    }
    return made as Record<Version, Uint8Array>;
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

async function compile(directory: string, version: string): Promise<string | null> {
  const source = `${directory}/${version}`;
  for (const name of SOURCES) copy(`${TOP}/${name}`, `${source}/${name}`);
  const manifest = JSON.parse(Deno.readTextFileSync(`${source}/deno.json`));
  Deno.writeTextFileSync(`${source}/deno.json`, JSON.stringify({ ...manifest, version }));
  const executable = `${source}/agent-async`;
  const { code, stderr } = await new Deno.Command(Deno.env.get("DENO_COMPILE") ?? Deno.execPath(), {
    args: ["run", "-A", ".github/release/compile.ts", "--quiet", "-o", executable],
    cwd: source,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (code === 0) return executable;
  console.error(`deno compile: ${new TextDecoder().decode(stderr).trim().slice(-500)}`);
  return null;
}
