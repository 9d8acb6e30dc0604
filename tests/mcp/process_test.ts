/**
 * The server as a process: its stdout, its signals, its end.
 *
 * @module
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { McpProcess } from "../support/mcp_client.ts";

const SERVER = fileURLToPath(new URL("../fixtures/scripted_mcp_server.ts", import.meta.url));

async function startServer(): Promise<McpProcess> {
  const env = Deno.env.toObject();
  return await McpProcess.start({ command: [Deno.execPath(), "run", "-A", "--no-check", SERVER], env });
}

Deno.test("a process serves on stdio, writes nothing but protocol, and leaves when stdin closes", async () => {
  const server = await startServer();
  assert.equal((await server.client.listTools()).tools.length, 11);
  assert.notEqual((await server.client.callTool({ name: "job_list", arguments: {} })).isError, true);
  assert.equal((await server.close()).code, 0);
  assert.deepEqual([server.strayLines, server.stderr], [[], ""]);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`a process leaves at ${signal} although a wait is under way`, async () => {
    await using server = await startServer();
    const wait = server.client.callTool({ name: "job_wait", arguments: {} }).catch(() => {});
    assert.notEqual((await server.client.callTool({ name: "job_list", arguments: {} })).isError, true);
    server.kill(signal);
    const { code, signal: by } = await server.status;
    assert.deepEqual([code, by], [0, null]);
    await server.client.close();
    await wait;
  });
}
