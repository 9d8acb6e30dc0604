/**
 * Support for tests: the suite by rooms, which are the folders of `tests/`, and its slow files as a batch of their own.
 * A room's own tests answer in seconds; what drives real agents, terminals, installers and faults is slow.
 *
 * @module
 */
import { relative } from "node:path";
import { testFiles } from "./test_batches.ts";

/** The batch's name on the command line. */
export const SLOW = "slow";

/** Files and whole rooms whose tests take longer than a person waits for: seconds each, on an idle machine. */
const SLOW_PLACES = [
  "chaos/",
  "conformance/",
  "demo/",
  "e2e/",
  "install/",
  "release/",
  "agents/acp/cline_e2e_test.ts",
  "agents/acp/copilot_e2e_test.ts",
  "agents/acp/gemini_e2e_test.ts",
  "agents/acp/kilo_e2e_test.ts",
  "agents/acp/kimi_e2e_test.ts",
  "agents/acp/opencode_e2e_test.ts",
  "agents/acp/qwen_e2e_test.ts",
  "agents/claude_e2e_test.ts",
  "agents/codex_e2e_test.ts",
  "agents/gemini_e2e_test.ts",
  "cli/hosts_real_test.ts",
  "cli/monitor/terminal_test.ts",
  "places/killed_write_test.ts",
];

/** What takes longest of all, several minutes: it begins first. */
const LONGEST = "e2e/windows_test.ts";

export interface Suite {
  /** Rooms that have tests, sorted. */
  readonly rooms: readonly string[];
  /** Paths of all files, the slow ones first: what takes longest must not begin last. */
  readonly all: readonly string[];
  readonly slow: readonly string[];
  /** Those of a room that are not slow; all of them where every one is. */
  of(room: string): readonly string[];
  /** The slow ones that {@link Suite.of} leaves out. */
  leftOut(room: string): readonly string[];
}

/** @param tests the directory of the suite. */
export function suiteOf(tests: string): Suite {
  const files = testFiles(tests);
  const nameOf = (file: string) => relative(tests, file).replaceAll("\\", "/");
  const isSlow = (file: string) =>
    SLOW_PLACES.some((place) =>
      place.endsWith("/") ? nameOf(file).startsWith(place) : nameOf(file) === place
    );
  const inRoom = (room: string) => files.filter((file) => nameOf(file).startsWith(`${room}/`));
  const quickIn = (room: string) => inRoom(room).filter((file) => !isSlow(file));
  const slow = files.filter(isSlow).toSorted((one, other) =>
    Number(nameOf(other) === LONGEST) - Number(nameOf(one) === LONGEST)
  );
  return {
    rooms: [...new Set(files.map(nameOf).filter((name) => name.includes("/")).map(firstFolder))].sort(),
    all: [...slow, ...files.filter((file) => !isSlow(file))],
    slow,
    of: (room) => quickIn(room).length > 0 ? quickIn(room) : inRoom(room),
    leftOut: (room) => quickIn(room).length > 0 ? inRoom(room).filter(isSlow) : [],
  };
}

/** Places of the list that no file has any more. */
export function stalePlaces(tests: string): string[] {
  const names = testFiles(tests).map((file) => relative(tests, file).replaceAll("\\", "/"));
  return SLOW_PLACES.filter((place) =>
    !names.some((name) => place.endsWith("/") ? name.startsWith(place) : name === place)
  );
}

function firstFolder(name: string): string {
  return name.slice(0, name.indexOf("/"));
}
