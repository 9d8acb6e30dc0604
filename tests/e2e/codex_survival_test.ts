/** A job of the real Codex CLI outlives its daemon, whether that is killed or replaced. */
import assert from "node:assert/strict";
import { EventsPage } from "../../src/service/read_requests.ts";
import { addFile, shell, text } from "../model/scenario.ts";
import { CodexStage, WAYS } from "../support/codex_stage.ts";
import { eventually } from "../support/eventually.ts";
import { daemonPid, HostSession, killDaemon, newerProgramCommand } from "../support/program.ts";

const COMMAND = "echo began >> log; while [ ! -e go ]; do sleep 0.02; done; echo ended >> log; cat log";

/** Starts a job and comes back when its shell command runs. */
async function startHeld(stage: CodexStage): Promise<string> {
  stage.model.script("held", [shell(COMMAND), addFile("after.txt", "written\n"), text("Done after all.")]);
  const id = await stage.host.start("Hold on. [[scenario held]]");
  await eventually(() => stage.file("log") === "began\n", { what: "the shell command" });
  return id;
}

/** Everything is there, and once. */
async function assertWhole(stage: CodexStage, host: HostSession, id: string): Promise<void> {
  const job = await host.ended(id);
  assert.deepEqual(
    [job.status, job.reason, job.exit_code, job.result, job.commands_run, job.files_changed, job.turn],
    [
      "done",
      "completed",
      0,
      "Done after all.",
      1,
      ["after.txt", "go", "log"].map((name) => `${stage.state.cwd}/${name}`),
      1,
    ],
  );
  assert.equal(job.usage.total_tokens, 330);
  const { events } = await host.call("job_events", { job_id: id, limit: 500 }, EventsPage);
  assert.deepEqual(events.map((event) => event.seq), events.map((_, n) => n + 1));
  const told = events.filter((event) => event.type !== "warning" && event.so_far !== true);
  const kinds = told.map((event) => [event.type, event.state].filter((part) => part !== undefined).join(" "));
  assert.deepEqual(kinds, [
    "status running",
    "session",
    "command started",
    "command completed",
    "file_change started",
    "file_change completed",
    "message",
    "usage",
    "status done",
  ]);
  const ended = events.find((event) => event.type === "command" && event.state === "completed");
  assert.deepEqual([ended?.exit_code, ended?.output], [0, "began\nended\n"]);
  assert.equal(stage.file("log"), "began\nended\n");
  // Nothing was asked of the model twice.
  assert.equal(stage.model.modelRequests("held").length, 3);
}

for (const { way, live } of WAYS) {
  Deno.test(`codex survival, ${way}: kill -9 of the daemon during a shell command, which ends under the next daemon`, async () => {
    await using stage = await CodexStage.set({ live });
    const id = await startHeld(stage);
    const first = await killDaemon(stage.state);
    assert.equal((await stage.host.poll(id)).status, "running");
    assert.notEqual(daemonPid(stage.state), first);
    Deno.writeTextFileSync(`${stage.state.cwd}/go`, "");
    await assertWhole(stage, stage.host, id);
  });

  Deno.test(`codex survival, ${way}: kill -9 of the daemon during a shell command, and the job ends while there is none`, async () => {
    await using stage = await CodexStage.set({ live });
    const id = await startHeld(stage);
    await killDaemon(stage.state);
    Deno.writeTextFileSync(`${stage.state.cwd}/go`, "");
    await eventually(() => [...Deno.readDirSync(`${stage.state.home}/exits`)].length > 0, {
      what: "the exit record",
    });
    assert.equal(daemonPid(stage.state), null);
    await assertWhole(stage, stage.host, id);
  });

  Deno.test(`codex survival, ${way}: a newer front-end's daemon takes over while a job runs and a wait waits`, async () => {
    await using stage = await CodexStage.set({ live });
    const id = await startHeld(stage);
    const older = daemonPid(stage.state);
    const waiting = stage.host.ended(id);
    await using newer = await HostSession.start(stage.state, ["mcp"], {
      program: newerProgramCommand(),
    });
    assert.equal(newer.mcp.client.getServerVersion()?.version, "999.0.0");
    assert.equal((await newer.poll(id)).status, "running");
    const taken = daemonPid(stage.state);
    assert.ok(taken !== null && taken !== older);
    Deno.writeTextFileSync(`${stage.state.cwd}/go`, "");
    await assertWhole(stage, newer, id);
    assert.equal((await waiting).result, "Done after all.");
    // The older front-end works with the newer daemon, and does not push it out.
    assert.equal((await stage.host.poll(id)).status, "done");
    assert.equal(daemonPid(stage.state), taken);
  });
}
