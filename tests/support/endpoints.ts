/**
 * Test support: both kinds of endpoint, the one that this system would not choose too.
 *
 * @module
 */
import type { Endpoint } from "../../src/daemon/endpoint/endpoint.ts";
import { prepareEndpoint } from "../../src/daemon/endpoint/prepare_endpoint.ts";
import { LoopbackEndpoint } from "../../src/daemon/endpoint/loopback_endpoint.ts";
import { ensurePrivateDirectory } from "../../src/daemon/trust/private_directory.ts";

export type EndpointKind = "unix" | "loopback";

/** How a daemon of a state directory is reached; makes the directory. */
export const ENDPOINTS: Readonly<Record<EndpointKind, (home: string) => Promise<Endpoint>>> = {
  unix: (home) => prepareEndpoint(home, "linux"),
  /** As on Windows, less what is asked there of the directory's place. */
  loopback: async (home) => {
    await ensurePrivateDirectory(home);
    return new LoopbackEndpoint(await Deno.realPath(home));
  },
};

/** Name of the file by which a daemon is found, in its state directory. */
export const ENDPOINT_FILES: Readonly<Record<EndpointKind, string>> = {
  unix: "daemon.sock",
  loopback: "daemon.address",
};

/** A test for each kind. */
export function testEndpoints(name: string, fn: (kind: EndpointKind) => Promise<void>): void {
  for (const kind of ["unix", "loopback"] as const) Deno.test(`${name} (${kind})`, () => fn(kind));
}
