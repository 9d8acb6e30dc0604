/**
 * Test support: a file system of a few hundred kilobytes, to be filled.
 *
 * @module
 */
import { hasProgram } from "./has_program.ts";

/** Why none can be mounted here; `null` when one can. Tried, since a container may forbid it to its superuser too. */
export const CANNOT_MOUNT: string | null = whyNot();

/**
 * Mounts one over an empty directory until it is disposed of.
 *
 * @param size as `mount` takes it: `256k`
 */
export function mountSmallDisk(path: string, size: string): Disposable {
  if (!mounted(path, size)) throw new Error(`Cannot mount a file system of ${size} over ${path}`);
  return { [Symbol.dispose]: () => void succeeds("umount", "-l", path) };
}

function whyNot(): string | null {
  if (Deno.build.os !== "linux" || !hasProgram("mount")) return "it takes a tmpfs, which Linux has";
  if (Deno.uid() !== 0) return "only the superuser can mount a small file system";
  const path = Deno.makeTempDirSync({ prefix: "agent-async-test-" });
  try {
    if (!mounted(path, "64k")) return "the superuser may not mount here";
    succeeds("umount", "-l", path);
    return null;
  } finally {
    Deno.removeSync(path);
  }
}

function mounted(path: string, size: string): boolean {
  return succeeds("mount", "-t", "tmpfs", "-o", `size=${size},mode=0700`, "tmpfs", path);
}

function succeeds(program: string, ...args: string[]): boolean {
  return new Deno.Command(program, { args, stdout: "null", stderr: "null" }).outputSync().success;
}
