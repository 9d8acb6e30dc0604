/**
 * One whole life of an installation, with real executables: installed by `install.sh`, a job started, updated while the
 * job runs, taken back by force, uninstalled. Without a base for `deno compile` it is counted as ignored; what shell
 * scripts can stand in for is tested in `tests/cli/update_program_test.ts` and `tests/install`.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { assetName } from "../../src/cli/update/asset_name.ts";
import { compiledPrograms } from "../support/compiled_program.ts";
import { eventually } from "../support/eventually.ts";
import { fromFileUrl } from "../support/from_file_url.ts";
import { McpProcess } from "../support/mcp_client.ts";
import { isAlive } from "../support/program.ts";
import { ServedRelease } from "../support/served_release.ts";
import { makeStateHome, type StateHome } from "../support/state_home.ts";

const ASSET = assetName();
const INSTALL = fromFileUrl(new URL("../../install.sh", import.meta.url));

class Installation {
  readonly directory: string;
  readonly program: string;

  constructor(readonly state: StateHome, readonly release: ServedRelease) {
    this.directory = join(state.env["HOME"] ?? assert.fail("no HOME"), ".local", "bin");
    this.program = join(this.directory, "agent-async");
  }

  get env(): Record<string, string> {
    const { PATH = "" } = this.state.env;
    return {
      ...this.state.env,
      PATH: `${this.directory}:${PATH}`,
      AGENT_ASYNC_RELEASE_URL: this.release.url,
    };
  }

  async run(executable: string, args: readonly string[]) {
    const { code, stdout, stderr } = await new Deno.Command(executable, {
      args: [...args],
      cwd: this.state.cwd,
      env: this.env,
      clearEnv: true,
      stdin: "null",
    }).output();
    return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
  }

  /** The answer of a command that must succeed. */
  async json(...args: string[]) {
    const { code, stdout, stderr } = await this.run(this.program, [...args, "--json"]);
    assert.equal(code, 0, `${args.join(" ")}: ${stderr}${stdout}`);
    return JSON.parse(stdout);
  }
}

const programs = await compiledPrograms(["0.8.0", "0.9.0"]);
const NAME = "a whole life of a real executable: install, a job, update across the job, uninstall";

Deno.test({ name: NAME, ignore: programs === null }, async (t) => {
  if (programs === null) return;
  const at = (version: "0.8.0" | "0.9.0") => ({ version, assets: { [ASSET]: programs[version] } });
  await using state = makeStateHome();
  await using release = new ServedRelease(at("0.8.0"));
  const here = new Installation(state, release);
  let job = "";
  let daemon = 0;

  await t.step("install.sh installs it, and a second run does nothing", async () => {
    const first = await here.run("/bin/sh", [INSTALL]);
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stdout, /^Installed agent-async 0\.8\.0: /m);
    assert.match((await here.run("/bin/sh", [INSTALL])).stdout, /^agent-async is up to date/);
    assert.equal((await here.json("version")).version, "0.8.0");
  });

  await t.step("the same version is no update", async () => {
    assert.deepEqual((await here.json("check-update")).comparison, "same");
    assert.equal((await here.json("update")).updated, false);
  });

  await t.step("a job runs", async () => {
    job = (await here.run(here.program, ["start", "say begun\nwait go\nsay over"])).stdout.trim();
    assert.match(job, /^\w{8}$/);
    await eventually(async () => (await here.run(here.program, ["logs", job])).stdout.includes("begun"), {
      what: "the job's first word",
    });
    daemon = (await here.json("daemon", "status")).pid;
  });

  release.publish(at("0.9.0"));
  const session = await McpProcess.start({
    command: [here.program, "mcp"],
    env: here.env,
    cwd: state.cwd,
  });
  const poll = async () => {
    const answer = await session.client.callTool({ name: "job_poll", arguments: { job_id: job } });
    return JSON.stringify(answer.structuredContent);
  };
  assert.match(await poll(), /"status":"running"/);

  await t.step("a bad checksum changes nothing, neither program nor daemon", async () => {
    release.fail(ASSET, { kind: "truncated" });
    const { code, stderr } = await here.run(here.program, ["update", "--json"]);
    assert.equal(code, 1);
    assert.match(JSON.parse(stderr.slice(stderr.indexOf("{"))).error.message, /ended before its end/);
    assert.equal((await here.json("daemon", "status")).pid, daemon);
    release.publish(at("0.9.0"));
  });

  await t.step("update replaces the program while the job runs, and the new daemon adopts it", async () => {
    assert.equal((await here.json("check-update")).update_available, true);
    const { path, ...updated } = await here.json("update");
    assert.deepEqual(updated, {
      updated: true,
      from: "0.8.0",
      released: "0.9.0",
      comparison: "newer",
      daemon: "renewed",
    });
    assert.equal(path, Deno.realPathSync(here.program));
    assert.equal((await here.json("version")).version, "0.9.0");
    assert.deepEqual([...Deno.readDirSync(here.directory)].map(({ name }) => name), ["agent-async"]);
    const status = await here.json("daemon", "status");
    assert.deepEqual([status.version, status.jobs.running], ["0.9.0", 1]);
    assert.notEqual(status.pid, daemon);
    await eventually(() => !isAlive(daemon), { what: "the end of the old daemon" });
  });

  await t.step("the host's session of the old version goes on with the new daemon", async () => {
    assert.match(await poll(), /"status":"running"/);
    Deno.writeTextFileSync(`${state.cwd}/go`, "");
    assert.deepEqual((await here.run(here.program, ["wait", job])).stdout, "over\n");
    assert.match(await poll(), /"status":"done"/);
    await session.close();
  });

  await t.step("an older release is installed only by force, and the newer daemon leaves", async () => {
    release.publish(at("0.8.0"));
    assert.deepEqual((await here.json("update")).comparison, "older");
    assert.equal((await here.json("update", "--force")).daemon, "stopped");
    assert.equal((await here.json("version")).version, "0.8.0");
    assert.equal((await here.json("show", job)).status, "done");
  });

  await t.step(
    "uninstall asks before it deletes jobs, refuses while one runs, then removes all",
    async () => {
      const host = join(state.env["HOME"] ?? "", ".cursor", "mcp.json");
      Deno.mkdirSync(join(host, ".."));
      Deno.writeTextFileSync(host, '{\n  // mine\n  "mcpServers": {}\n}\n');
      assert.equal((await here.run(here.program, ["add-agent", "cursor"])).code, 0);
      assert.match(Deno.readTextFileSync(host), /agent-async/);

      const asked = await here.run(here.program, ["uninstall"]);
      assert.equal(asked.code, 2);
      assert.match(asked.stderr, /--yes to delete them too, or --keep-jobs/);
      await here.run(here.program, ["start", "wait never"]);
      const refused = await here.run(here.program, ["uninstall", "--yes"]);
      assert.equal(refused.code, 1);
      assert.match(refused.stderr, /Cannot uninstall while jobs wait or run \(1 of 2\)/);
      assert.ok(Deno.statSync(here.program).isFile);

      const { pid } = await here.json("daemon", "status");
      const report = await here.json("uninstall", "--yes", "--force");
      assert.deepEqual([report.jobs, report.faults], ["deleted", []]);
      assert.equal(Deno.readTextFileSync(host), '{\n  // mine\n  "mcpServers": {}\n}\n');
      assert.deepEqual([...Deno.readDirSync(here.directory)], []);
      assert.throws(() => Deno.statSync(state.home), Deno.errors.NotFound);
      await eventually(() => !isAlive(pid), { what: "the end of the daemon" });
    },
  );
});
