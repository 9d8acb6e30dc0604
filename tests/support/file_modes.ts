/**
 * Test support: programs for whom the modes of files count, as they do for everybody but the superuser. A test that is
 * run by the superuser would otherwise find nothing wrong with what nobody else may open.
 *
 * @module
 */
import { hasProgram } from "./has_program.ts";

const isRoot = Deno.build.os !== "windows" && Deno.uid() === 0;

/** In front of a command. */
export const UNDER_MODES: readonly string[] = isRoot && hasProgram("setpriv")
  ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
  : [];

/** Why a program cannot be made to heed modes here; `null` when it can. */
export const CANNOT_HEED_MODES: string | null = Deno.build.os === "windows"
  ? "Windows has no modes"
  : isRoot && UNDER_MODES.length === 0
  ? "the superuser needs setpriv for it"
  : null;
