/**
 * Room `daemon`: this process as the feeder of a two-way agent, where no `tail` of the system is quick.
 *
 * @module
 */
import { feedChannel } from "../../kernel/channel/feed_channel.ts";

/** Hands the file on to `out`, which is this process's stdout, as it grows; ends when nobody reads any more. */
export async function feedChannelAndExit(
  file: string,
  out: { write(bytes: Uint8Array): Promise<number> },
): Promise<never> {
  const write = async (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length;) at += await out.write(bytes.subarray(at));
  };
  await feedChannel({ file, write }).catch(() => {});
  Deno.exit(0);
}
