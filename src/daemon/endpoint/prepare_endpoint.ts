/**
 * Room `daemon`: the endpoint of a state directory, in the way of the system that this runs on.
 *
 * @module
 */
import type { Endpoint } from "./endpoint.ts";
import { RememberedEndpoint } from "./remembered_endpoint.ts";
import { prepareStateDirectory, shortSocketPath } from "./socket_path.ts";
import { requireTrustedFiles } from "../trust/trusted_files.ts";
import { UnixEndpoint } from "./unix_endpoint.ts";

/**
 * Makes sure that the state directory is there and this user's alone, with all that is in it.
 *
 * @throws {AgentAsyncError} `daemon_unreachable` when it cannot be trusted
 */
export async function prepareEndpoint(home: string, os: string = Deno.build.os): Promise<Endpoint> {
  if (os !== "windows") {
    const realHome = await prepareStateDirectory(home);
    requireTrustedFiles(realHome);
    const path = shortSocketPath(realHome);
    return path === null ? new RememberedEndpoint(realHome) : new UnixEndpoint(path);
  }
  const { prepareLoopback } = await import("./loopback_endpoint.ts");
  const endpoint = await prepareLoopback(home);
  requireTrustedFiles(home);
  return endpoint;
}
