/**
 * Benchmark: another revision of this program, measured in turn with this one in one run, so that a machine's drift is
 * not taken for progress.
 *
 * @module
 */
import { join } from "node:path";
import { type Figure, quartiles, type Row, samplesOf } from "./figure.ts";
import { compiledAt, type Form, type Programs, sourceAt, TOP } from "./programs.ts";
import { number } from "./table.ts";

export class UnknownRevision extends Error {}

/** A work tree of a revision in a directory of the benchmark's. */
export class OtherRevision implements AsyncDisposable {
  static readonly #open = new Set<OtherRevision>();

  private constructor(readonly name: string, readonly path: string) {
    OtherRevision.#open.add(this);
  }

  /** For a run that is given up: git knows of no work tree that is gone. */
  static async disposeAll(): Promise<void> {
    await Promise.allSettled([...OtherRevision.#open].map((other) => other[Symbol.asyncDispose]()));
  }

  /** @throws {UnknownRevision} with what git says */
  static async at(revision: string, directory: string): Promise<OtherRevision> {
    const found = await git(["rev-parse", "--short", `${revision}^{commit}`]).catch((error: Error) => error);
    if (found instanceof Error) throw new UnknownRevision(found.message);
    const name = found.trim();
    const path = join(directory, `revision-${name}`);
    await git(["worktree", "add", "--quiet", "--detach", path, name]);
    return new OtherRevision(name, path);
  }

  /** In the forms that this one is measured in. */
  async forms(programs: Programs): Promise<Form[]> {
    const source = { form: this.#form("source"), program: sourceAt(this.path) };
    if ("why" in programs.compiled) return [source];
    const compiled = await compiledAt(this.path, join(this.path, "..", `agent-async-${this.name}`));
    return "why" in compiled ? [source] : [source, { form: this.#form("compiled"), program: compiled }];
  }

  /** Whether a row was measured of this revision: what it is over is no news. */
  isOf({ name }: Row): boolean {
    return name.includes(` at ${this.name})`);
  }

  /** One line for each figure that was taken of both: this one's, the other's, and this one's divided by it. */
  ratios(rows: readonly Row[]): string {
    const figures = rows.filter((row) => row.kind === "figure");
    const lines = figures.flatMap((theirs) => {
      const ours = figures.find(({ name }) => name === theirs.name.replaceAll(` at ${this.name})`, ")"));
      return ours === undefined || ours === theirs ? [] : [ratioLine(ours, theirs)];
    });
    return [
      `\nagainst ${this.name}: the ratio of each pair of runs, its median and its middle half`,
      ...lines,
    ]
      .join("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (OtherRevision.#open.delete(this)) await git(["worktree", "remove", "--force", this.path]);
  }

  #form(form: string): string {
    return `${form} at ${this.name}`;
  }
}

function ratioLine(ours: Figure, theirs: Figure): string {
  const [a, b] = [samplesOf(ours), samplesOf(theirs)];
  const medians = `${number(ours.median)} against ${number(theirs.median)} ${ours.unit}`;
  const pairs = a.slice(0, b.length).map((value, index) => value / (b[index] ?? NaN)).filter(Number.isFinite);
  if (pairs.length === 0) return `  ${ours.name}: ${medians}`;
  const [low, middle, high] = quartiles(pairs);
  return `  ${ours.name}: x ${middle.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)}), ${medians}`;
}

async function git(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command("git", { args: [...args], cwd: TOP, stdin: "null" })
    .output();
  if (code !== 0) throw new Error(`git ${args[0]}: ${new TextDecoder().decode(stderr).trim()}`);
  return new TextDecoder().decode(stdout);
}
