import assert from "node:assert/strict";
import { DaemonHome } from "../support/daemon_home.ts";

Deno.test("a front-end that finds no daemon starts one, and its calls are answered", async () => {
  await using home = new DaemonHome();
  const service = home.service();
  const receipt = await service.start(home.startRequest("hello"));
  assert.equal(receipt.status, "running");
  const status = await service.status();
  assert.deepEqual({ home: status.home, jobs: status.jobs, clients: status.clients }, {
    home: home.home,
    jobs: { pending: 0, running: 1, done: 0, error: 0, cancelled: 0 },
    clients: 1,
  });
});
