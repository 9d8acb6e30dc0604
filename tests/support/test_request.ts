/**
 * Support for tests: what the arguments of the test command ask for.
 *
 * @module
 */
import { SLOW, type Suite } from "./rooms.ts";

export type TestRequest =
  | { readonly kind: "all" }
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "refused"; readonly message: string }
  /** Passed to one `deno test` as they are. */
  | { readonly kind: "given"; readonly args: readonly string[] }
  | {
    readonly kind: "rooms";
    readonly files: readonly string[];
    /** Options of `deno test`. */
    readonly options: readonly string[];
    /** Slow files of the rooms. */
    readonly leftOut: readonly string[];
  };

/** Rooms come first; whatever begins with a dash, and all after it, goes to `deno test`. */
export function readRequest(args: readonly string[], suite: Suite): TestRequest {
  if (args.includes("--help") || args.includes("-h")) return { kind: "help", text: helpText(suite) };
  if (args.length === 0) return { kind: "all" };
  const firstOption = args.findIndex((word) => word.startsWith("-"));
  const words = firstOption < 0 ? args : args.slice(0, firstOption);
  if (words.length === 0 || words.some(isPath)) return { kind: "given", args };
  const unknown = words.filter((word) => word !== SLOW && !suite.rooms.includes(word));
  if (unknown.length > 0) {
    const message = `There is no room ${unknown.join(", ")} in tests/. There are: ${
      [...suite.rooms, SLOW].join(", ")
    }`;
    return { kind: "refused", message };
  }
  const filesOf = (word: string) => word === SLOW ? suite.slow : suite.of(word);
  const files = [...new Set(words.flatMap(filesOf))];
  return {
    kind: "rooms",
    files,
    options: args.slice(words.length),
    leftOut: words.includes(SLOW) ? [] : words.flatMap(suite.leftOut),
  };
}

/** A file or folder, as shells complete it. */
function isPath(word: string): boolean {
  return /[/\\*]|\.[cm]?[jt]sx?$/.test(word);
}

function helpText({ rooms }: Suite): string {
  return `Usage: deno task test                        everything; what CI runs
       deno task test ROOM... [OPTION...]     the tests of these rooms, in seconds
       deno task test slow                    what a room leaves out: real agents and hosts, the program from
                                              end to end, terminals, installers, faults
       deno task test FILE... [OPTION...]     anything that deno test takes

Rooms: ${rooms.join(", ")}.
A room all of whose tests are slow (e2e, chaos ...) runs them. Options are those of deno test: --filter NAME.

The end names what took longest; the last line is "N passed, N failed".
`;
}
