/**
 * Chaos: a wall clock of a state directory's own, which can be set as if it were the machine's. Programs that ask for
 * the time through the C library get it; what the kernel writes into files' times stays the machine's.
 *
 * @module
 */
import { fromFileUrl } from "../support/from_file_url.ts";
import type { Trial } from "./fault.ts";
import { hasProgram } from "../support/has_program.ts";
import type { Site, SiteOptions } from "./site.ts";

const SOURCE = fromFileUrl(new URL("../fixtures/wall_clock.c", import.meta.url));

export const DAY_MS = 86_400_000;

/** Why there is no such clock here, or `null`. */
export function noWallClock(): string | null {
  if (Deno.build.os !== "linux") return "a wall clock of a program's own needs LD_PRELOAD";
  return hasProgram("cc") ? null : "a wall clock of a program's own needs a C compiler (cc)";
}

export class WallClock {
  #offsetMs = 0;

  private constructor(readonly site: Site, readonly path: string) {}

  /** A state directory whose daemons, front-ends and agents go by a clock of their own. */
  static async inSite(trial: Trial, config: NonNullable<SiteOptions["config"]>): Promise<WallClock> {
    const site = trial.site({ config });
    const directory = site.workspace("clock");
    const [library, path] = [`${directory}/wall_clock.so`, `${directory}/offset`];
    Deno.writeFileSync(path, new Uint8Array(8));
    const { success, stderr } = await new Deno.Command("cc", {
      args: ["-shared", "-fPIC", "-O1", "-o", library, SOURCE],
      stdin: "null",
    }).output();
    if (!success) throw new Error(`Cannot compile the clock: ${new TextDecoder().decode(stderr)}`);
    for (const env of [site.state.env, site.env]) {
      Object.assign(env, { LD_PRELOAD: library, WALL_CLOCK_OFFSET: path });
    }
    return new WallClock(site, path);
  }

  /** Moves the clock, at once and for everybody who goes by it. */
  jump(days: number): void {
    this.#offsetMs += days * DAY_MS;
    const bytes = new BigInt64Array([BigInt(this.#offsetMs / 1000)]);
    using file = Deno.openSync(this.path, { write: true });
    file.writeSync(new Uint8Array(bytes.buffer));
  }

  /** Ms by which a time that somebody told is away from what this clock shows now. */
  errorOf(isoTime: string): number {
    return Math.abs(Date.parse(isoTime) - (Date.now() + this.#offsetMs));
  }
}
