/**
 * Releasing: makes the executable, in one way for people, tests, CI and releases: `deno task compile`, or for another
 * system `deno task compile --target TARGET -o FILE`. Everything that is given goes to `deno compile`.
 *
 * @module
 */
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { V8_FLAGS } from "../../src/daemon/serve/v8_flags.ts";

const TOP = fileURLToPath(new URL("../../", import.meta.url));

/** The first Deno with which this was tried. */
const OLDEST_DENO = [2, 8, 3];

/**
 * The program as few files of JavaScript, one for each part that is loaded together. As one file (`deno compile --bundle`)
 * every process would hold all of it: 1.8 MB of text that cost a front-end 17 MB, and its greeting twice the time.
 *
 * `--minify`: the first answer comes sooner, and every front-end is smaller. A stack trace in the log then names places in
 * long lines.
 */
const BUNDLE = ["bundle", "--quiet", "--minify", "--code-splitting"];

/**
 * `--no-code-cache`: the executable would load V8's bytecode from a file in the temporary directory, by a name that
 * anybody can take first and without asking whose it is: a crafted one runs as whoever starts the program. It costs the
 * first answer some 25 ms (34 to 61 on a shared machine of two cores).
 */
const COMPILE = ["compile", "-A", "--no-code-cache", `--v8-flags=${V8_FLAGS}`];

async function main(given: readonly string[]): Promise<number> {
  if (isOlder(Deno.version.deno, OLDEST_DENO)) {
    console.error(
      `This is Deno ${Deno.version.deno}; compiling needs ${OLDEST_DENO.join(".")} or later: deno upgrade`,
    );
    return 1;
  }
  const parts = await Deno.makeTempDir({ prefix: "agent-async-parts-" });
  try {
    const isNamed = given.includes("-o") || given.includes("--output");
    const output = isNamed ? [] : ["-o", "dist/agent-async"];
    const config = ["--config", join(TOP, "deno.json")];
    const code = await deno([...BUNDLE, "--outdir", parts, "main.ts"]) ||
      await deno([...COMPILE, ...config, ...output, ...given, join(parts, "main.js")]);
    return code === 0 ? await tryOut(given) : code;
  } finally {
    await Deno.remove(parts, { recursive: true });
  }
}

/** In the top directory. @returns the exit code. */
async function deno(args: readonly string[]): Promise<number> {
  return (await new Deno.Command(Deno.execPath(), { args: [...args], cwd: TOP }).spawn().status).code;
}

/** A base for another version of Deno makes a file that does not start, and says nothing of it. */
async function tryOut(given: readonly string[]): Promise<number> {
  if (given.includes("--target")) return 0;
  const at = Math.max(given.indexOf("-o"), given.indexOf("--output"));
  const path = resolve(TOP, at < 0 ? "dist/agent-async" : given[at + 1] ?? "");
  const program = Deno.build.os === "windows" && !path.endsWith(".exe") ? `${path}.exe` : path;
  const { success, stdout, stderr } = await new Deno.Command(program, { args: ["version"], stdin: "null" })
    .output();
  if (success && stdout.length > 0) return 0;
  console.error(new TextDecoder().decode(stderr).trimEnd());
  console.error(
    `${program} was made and does not start. It is to be compiled with the Deno whose base is used: ` +
      "unset DENORT_BIN, or name one of the same version.",
  );
  return 1;
}

function isOlder(version: string, oldest: readonly number[]): boolean {
  const numbers = version.split(/[.+-]/).map(Number);
  const at = oldest.findIndex((number, index) => numbers[index] !== number);
  return at >= 0 && (numbers[at] ?? 0) < (oldest[at] ?? 0);
}

if (import.meta.main) Deno.exit(await main(Deno.args));
