/**
 * Test support: a git that a daemon finds on its PATH and that writes no tree while it is held, so that a snapshot takes
 * as long as a test wants.
 *
 * @module
 */

export class HeldGit {
  /** To be put in front of a daemon's PATH. */
  readonly directory: string;
  readonly #hold: string;
  readonly #reached: string;

  /** @param directory an empty one of the test's @param path where the real git is found */
  constructor(directory: string, path: string) {
    this.directory = directory;
    this.#hold = `${directory}/hold`;
    this.#reached = `${directory}/reached`;
    const script = `#!/bin/sh
case " $* " in *" write-tree "*)
  : >>'${this.#reached}'
  while [ -e '${this.#hold}' ]; do sleep 0.02; done ;;
esac
PATH='${path}' exec git "$@"
`;
    Deno.writeTextFileSync(`${directory}/git`, script, { mode: 0o755 });
  }

  hold(): void {
    Deno.writeTextFileSync(this.#hold, "");
  }

  release(): void {
    Deno.removeSync(this.#hold);
  }

  /** Whether a snapshot has come as far as it can. */
  get isReached(): boolean {
    try {
      return Deno.statSync(this.#reached).isFile;
    } catch {
      return false;
    }
  }
}
