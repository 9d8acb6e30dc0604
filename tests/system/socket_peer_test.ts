/**
 * Who is at the other end of a unix socket, and who is above a process.
 *
 * @module
 */
import assert from "node:assert/strict";
import { ancestryOf, compareTicks } from "../../src/system/processes/ancestry.ts";
import { systemProcesses } from "../../src/system/processes/system_processes.ts";
import { SocketPeers } from "../../src/system/processes/socket_peer.ts";
import { NOT_LINUX, testUnless } from "../support/skippable.ts";

const CLIENT = `
const connection = await Deno.connect({ transport: "unix", path: Deno.args[0] });
await connection.read(new Uint8Array(1));
`;

testUnless(NOT_LINUX, "each connection has the pid and the user of the process that made it", async () => {
  const directory = Deno.makeTempDirSync({ prefix: "aa-peer-" });
  const path = `${directory}/socket`;
  const children: Deno.ChildProcess[] = [];
  try {
    using listener = Deno.listen({ transport: "unix", path });
    const peers = new SocketPeers();
    const connections: Deno.UnixConn[] = [];
    for (let round = 0; round < 3; round++) {
      const child = new Deno.Command(Deno.execPath(), {
        args: ["eval", CLIENT, path],
        stdin: "null",
        stdout: "null",
        stderr: "null",
      }).spawn();
      children.push(child);
      connections.push(await listener.accept());
      assert.deepEqual(peers.newest(), { pid: child.pid, uid: Deno.uid() });
      // A descriptor that is used again is another socket's.
      if (round === 1) connections.splice(0).forEach((connection) => connection.close());
    }
    assert.equal(peers.newest(), null);
    connections.forEach((connection) => connection.close());
  } finally {
    await Promise.all(children.map((child) => child.status));
    Deno.removeSync(directory, { recursive: true });
  }
});

Deno.test("a process has its ancestors in order, and none that began after it", () => {
  const row = (pid: number, ppid: number, startTime: string) => (
    { pid, ppid, pgid: pid, sid: pid, startTime, state: "S", command: "x" }
  );
  const rows = new Map([row(1, 0, "1"), row(5, 1, "50"), row(6, 5, "60"), row(7, 8, "70"), row(8, 1, "80")]
    .map((one) => [one.pid, one]));
  const options = { row: (pid: number) => rows.get(pid), compare: compareTicks };
  assert.deepEqual(ancestryOf(6, options).map(({ pid }) => pid), [6, 5, 1]);
  assert.deepEqual(
    ancestryOf(7, options).map(({ pid }) => pid),
    [7],
    "8 has the pid of a parent that is gone",
  );
  assert.deepEqual(ancestryOf(9, options), []);
});

Deno.test("this process is below its parent", () => {
  const [self, parent] = systemProcesses().ancestry(Deno.pid);
  assert.deepEqual([self?.pid, parent?.pid], [Deno.pid, Deno.ppid]);
});
