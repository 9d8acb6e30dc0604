/**
 * Room `cli`: how this program is installed, so that it can be replaced or removed.
 *
 * @module
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { type Runtime, selfCommand } from "../../daemon/reach/self_command.ts";
import { CommandError } from "../entry/exit_code.ts";

export type InstalledProgram =
  | { readonly kind: "executable"; readonly path: string }
  /** Run by Deno; `directory` is where `main.ts` lies. */
  | { readonly kind: "source"; readonly directory: string };

export function installedProgram(runtime: Runtime = Deno): InstalledProgram {
  if (!runtime.build.standalone) {
    const { mainModule } = runtime;
    const isFile = mainModule.startsWith("file:");
    return { kind: "source", directory: isFile ? dirname(fileURLToPath(mainModule)) : mainModule };
  }
  const [path = runtime.execPath()] = selfCommand(runtime);
  return { kind: "executable", path };
}

/** @throws CommandError, with what to do instead, when it runs from source. */
export function executablePath(program: InstalledProgram, verb: string): string {
  if (program.kind === "executable") return program.path;
  throw new CommandError(`Cannot ${verb} a program that runs from source (${program.directory})`, {
    hint: "Update the source instead: git pull in that directory.",
  });
}
