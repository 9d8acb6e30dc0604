/**
 * `deno task demo release FILE`: an executable of this program served from this machine as if it were the newest
 * release, to try `install.sh` and `update` with.
 *
 * @module
 */
import { z } from "zod";
import { assetName } from "../../src/cli/update/asset_name.ts";
import { fromFileUrl } from "../support/from_file_url.ts";
import { ServedRelease } from "../support/served_release.ts";
import type { Voice } from "./voice.ts";

const INSTALL = fromFileUrl(new URL("../../install.sh", import.meta.url));
const DEFAULT_FILE = "dist/agent-async";

/** Serves until `ended`. @throws when the file is not there or does not say its version. */
export async function attendRelease(
  file = DEFAULT_FILE,
  ended: Promise<unknown>,
  voice: Voice,
): Promise<void> {
  const version = await versionOf(file);
  const assets = { [assetName()]: Deno.readFileSync(file), "install.sh": Deno.readFileSync(INSTALL) };
  await using release = new ServedRelease({ version, assets });
  voice.step(`${file} is served as release ${version} until Ctrl-C. In another terminal:`);
  voice.say(`export AGENT_ASYNC_RELEASE_URL="${release.url}"`);
  voice.step("Then check-update, update and install.sh find it");
  await ended;
}

async function versionOf(file: string): Promise<string> {
  const path = Deno.realPathSync(file);
  const { stdout } = await new Deno.Command(path, { args: ["version", "--json"], stdin: "null" }).output();
  return z.object({ version: z.string() }).parse(JSON.parse(new TextDecoder().decode(stdout))).version;
}
