/**
 * Test support: what a real host and the program say to each other.
 *
 * @module
 */
import { z } from "zod";
import { fromFileUrl } from "./from_file_url.ts";
import { programCommand } from "./program.ts";

const RECORDER = fromFileUrl(new URL("./wire_recorder.ts", import.meta.url));

const Message = z.looseObject({
  id: z.union([z.string(), z.number()]).optional(),
  method: z.string().optional(),
  params: z.looseObject({}).optional(),
  result: z.looseObject({}).optional(),
});

export interface Said {
  readonly by: "host" | "server";
  readonly message: z.infer<typeof Message>;
}

export class RecordedWire {
  readonly #log: string;
  readonly #wrapper: string;

  /** @param directory a directory of its own. */
  constructor(directory: string) {
    this.#log = `${directory}/wire.log`;
    this.#wrapper = `${directory}/recorded`;
    const words = [
      Deno.execPath(),
      "run",
      "-A",
      "--no-check",
      "--quiet",
      RECORDER,
      this.#log,
      programCommand()[0],
    ];
    Deno.writeTextFileSync(this.#wrapper, `#!/bin/sh\nexec ${words.map(quoted).join(" ")} "$@"\n`, {
      mode: 0o755,
    });
  }

  /** Makes a host's configuration start the program through the recorder. */
  recordIn(file: string): void {
    const before = Deno.readTextFileSync(file);
    const after = before.replaceAll(JSON.stringify(programCommand()[0]), JSON.stringify(this.#wrapper));
    if (after === before) throw new Error(`${file} does not name the program`);
    Deno.writeTextFileSync(file, after);
  }

  /** In order. */
  said(): Said[] {
    const lines = Deno.readTextFileSync(this.#log).split("\n").filter((line) => line !== "");
    return lines.map((line) => ({
      by: line.startsWith(">") ? "host" : "server",
      message: Message.parse(JSON.parse(line.slice(2))),
    }));
  }
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
