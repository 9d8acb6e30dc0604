/**
 * A user's machine for the tests of hosts: a HOME and a project of its own, and a PATH without any host unless a test
 * puts one there. Commands run in this process.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { fromFileUrl } from "../support/from_file_url.ts";
import { commandLine, type Outcome } from "./command_line.ts";

/** This program as it registers itself: the tests' own main module. */
export const SELF: readonly string[] = [Deno.execPath(), "run", "-A", fromFileUrl(Deno.mainModule)];

export class HostMachine implements Disposable {
  readonly #root = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "agent-async-hosts-" }));
  readonly home = join(this.#root, "home");
  readonly project = join(this.#root, "project");
  readonly bin = join(this.#root, "bin");
  readonly env: Record<string, string> = { HOME: this.home, PATH: this.bin, NO_COLOR: "1" };

  constructor() {
    for (const directory of [this.home, this.project, this.bin]) Deno.mkdirSync(directory);
  }

  run(...args: string[]): Promise<Outcome> {
    return commandLine(args, { env: this.env, cwd: this.project });
  }

  /** Runs it with `--json`, which must succeed. */
  async json(...args: string[]) {
    const { code, stdout, stderr } = await this.run(...args, "--json");
    if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}: ${stderr}`);
    return JSON.parse(stdout);
  }

  /** Paths begin with `~/` or lie in the project. */
  path(path: string): string {
    return path.startsWith("~/") ? join(this.home, path.slice(2)) : join(this.project, path);
  }

  write(path: string, text: string, mode = 0o644): void {
    Deno.mkdirSync(dirname(this.path(path)), { recursive: true });
    Deno.writeTextFileSync(this.path(path), text);
    Deno.chmodSync(this.path(path), mode);
  }

  /** `null` when it is not there. */
  read(path: string): string | null {
    try {
      return Deno.readTextFileSync(this.path(path));
    } catch {
      return null;
    }
  }

  /** Every file of home and project with its text and mode. */
  files(): Record<string, string> {
    const found: Record<string, string> = {};
    const walk = (directory: string) => {
      for (const { name, isDirectory } of Deno.readDirSync(directory)) {
        const path = join(directory, name);
        if (isDirectory) walk(path);
        else {found[path.slice(this.#root.length + 1)] = `${Deno.lstatSync(path).mode} ${
            Deno.readTextFileSync(path)
          }`;}
      }
    };
    walk(this.home);
    walk(this.project);
    return found;
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.#root, { recursive: true });
  }
}
