/**
 * Chaos: random work on a work tree, as an agent or a user does it.
 *
 * @module
 */
import { dirname, join } from "node:path";
import type { SeededRandom } from "../support/seeded_random.ts";
import { treeBytes } from "../support/user_repository.ts";

const NAMES = [
  "a",
  "b.txt",
  "c d",
  "é\u0301.md",
  "run.sh",
  "-x",
  "deep",
  "K",
  "k",
  "lines",
  "#1",
  "*?[",
  "x\ty",
];

function content(random: SeededRandom): Uint8Array {
  const lines = Array.from({ length: random.below(30) }, () => `line ${random.below(50)}`);
  return random.pick([
    () => new TextEncoder().encode(lines.map((line) => `${line}\n`).join("")),
    () => new TextEncoder().encode(lines.map((line) => `${line}\r\n`).join("")),
    () => new TextEncoder().encode(lines.join(random.pick(["\n", "\r\n", "\r"]))),
    () => new Uint8Array(Array.from({ length: random.below(300) }, () => random.below(256))),
    () => new Uint8Array(),
  ])();
}

/** Some steps between them git sees, others it does not. */
const MODES = [0o644, 0o600, 0o664, 0o755, 0o700, 0o750, 0o440];

function newPath(random: SeededRandom): string {
  return Array.from({ length: 1 + random.below(3) }, () => random.pick(NAMES)).join("/");
}

/** Changes up to `most` files below `root`. */
export function work(root: string, random: SeededRandom, most: number): void {
  for (let count = 1 + random.below(most); count > 0; count--) {
    const paths = Object.keys(treeBytes(root));
    const some = () => paths.length === 0 ? newPath(random) : random.pick(paths);
    try {
      random.pick([
        () => write(root, some(), content(random)),
        () => write(root, newPath(random), content(random)),
        () => append(root, some(), random),
        () => Deno.removeSync(join(root, some())),
        () => removeParent(root, some()),
        () => Deno.renameSync(join(root, some()), join(root, newPath(random))),
        () => chmod(root, some()),
        () => replace(root, some(), random),
        () => link(root, newPath(random), some()),
      ])();
    } catch (error) {
      // A directory in place of a file, a name that is taken: then nothing is done, as with a real agent.
      if (!(error instanceof Error) || !/os error|Cannot|exists/.test(error.message)) throw error;
    }
  }
}

function write(root: string, path: string, bytes: Uint8Array): void {
  const file = join(root, path);
  Deno.mkdirSync(dirname(file), { recursive: true });
  if (isLink(file)) Deno.removeSync(file);
  Deno.writeFileSync(file, bytes);
}

function append(root: string, path: string, random: SeededRandom): void {
  const file = join(root, path);
  if (isLink(file)) return;
  Deno.writeFileSync(file, content(random), { append: true });
}

/** As editors do it: another file takes the name. */
function replace(root: string, path: string, random: SeededRandom): void {
  const file = join(root, path);
  if (isLink(file)) return;
  Deno.writeTextFileSync(`${file}~`, `another file ${random.below(1e9)}\n`);
  Deno.renameSync(`${file}~`, file);
}

function removeParent(root: string, path: string): void {
  if (path.includes("/")) Deno.removeSync(join(root, dirname(path)), { recursive: true });
}

function chmod(root: string, path: string): void {
  const file = join(root, path);
  if (isLink(file)) return;
  const mode = (Deno.statSync(file).mode ?? 0) & 0o777;
  Deno.chmodSync(file, MODES[(MODES.indexOf(mode) + 1) % MODES.length] ?? 0o644);
}

function link(root: string, path: string, target: string): void {
  const file = join(root, path);
  Deno.mkdirSync(dirname(file), { recursive: true });
  Deno.symlinkSync(target, file);
}

function isLink(path: string): boolean {
  try {
    return Deno.lstatSync(path).isSymlink;
  } catch {
    return false;
  }
}
