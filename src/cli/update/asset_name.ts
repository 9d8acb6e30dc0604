/**
 * Room `cli`: which file of a release is for which machine. `install.sh` and the release workflow use the same names;
 * a test fails when they differ.
 *
 * @module
 */
import { CommandError } from "../entry/exit_code.ts";

export interface Platform {
  /** As in `Deno.build`. */
  readonly os: string;
  readonly arch: string;
}

/** By operating system and processor: the targets of `deno compile`, which need glibc on Linux. */
export const ASSETS: Readonly<Record<string, string>> = {
  "linux x86_64": "agent-async-x86_64-unknown-linux-gnu",
  "linux aarch64": "agent-async-aarch64-unknown-linux-gnu",
  "darwin x86_64": "agent-async-x86_64-apple-darwin",
  "darwin aarch64": "agent-async-aarch64-apple-darwin",
  "windows x86_64": "agent-async-x86_64-pc-windows-msvc.exe",
};

/** @throws CommandError when no release is made for this machine. */
export function assetName({ os, arch }: Platform = Deno.build): string {
  const asset = ASSETS[`${os} ${arch}`];
  if (asset !== undefined) return asset;
  throw new CommandError(`No release is made for ${os} on ${arch}`, {
    hint: "Run it from source: deno run -A main.ts",
  });
}
