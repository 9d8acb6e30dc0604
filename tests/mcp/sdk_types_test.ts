/**
 * The types of the SDK, whose client the tests are, are real: under Deno its subpaths become `any` in silence when their types are not found.
 *
 * @module
 */
import type { Client } from "@modelcontextprotocol/sdk/client";
// @ts-types="@modelcontextprotocol/sdk/shared/transport"
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
// @ts-types="@modelcontextprotocol/sdk/types"
import type { CallToolRequest, JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";

type IsReal<T> = 0 extends (1 & T) ? false : true;

Deno.test("the types of the SDK are not any", () => {
  // The compiler is what checks: `false` would not fit.
  const real: [
    IsReal<Client>,
    IsReal<Transport>,
    IsReal<CallToolRequest>,
    IsReal<CallToolRequest["params"]["name"]>,
    IsReal<JSONRPCMessage>,
  ] = [true, true, true, true, true];
  if (real.includes(false as never)) throw new Error("unreachable");
});
