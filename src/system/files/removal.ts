/**
 * Room `system`: removals that take long, and so do not block the event loop.
 *
 * @module
 */
import { join } from "node:path";
import { reopenDirectory } from "./files.ts";

/** Removes a file, if there is one, without blocking the event loop: one that was synced takes some ms. */
export async function removeLater(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/**
 * Removes a directory with everything in it, even if access to some of it was taken away. A missing directory is no
 * error.
 */
export async function removeTree(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
    await reopenTree(path);
    await Deno.remove(path, { recursive: true });
  }
}

async function reopenTree(path: string): Promise<void> {
  reopenDirectory(path);
  for await (const { name, isDirectory } of Deno.readDir(path)) {
    if (isDirectory) await reopenTree(join(path, name));
  }
}
