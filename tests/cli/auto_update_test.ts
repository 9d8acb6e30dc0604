/**
 * Tests of room `cli`: automatic updates by launchd, systemd and cron, each a small program that remembers what it was
 * told.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { AutoUpdate } from "../../src/cli/auto_update/auto_update.ts";
import { cronLine, withLine, withoutLine } from "../../src/cli/auto_update/cron.ts";
import { plistText } from "../../src/cli/auto_update/launchd.ts";
import { serviceText } from "../../src/cli/auto_update/systemd.ts";
import { CommandError } from "../../src/cli/entry/exit_code.ts";
import { fromFileUrl } from "../support/from_file_url.ts";

type Clock = "systemd" | "cron" | "launchd";

class Machine implements Disposable {
  readonly home = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "agent-async-test-" }));
  readonly program = join(this.home, "bin", "agent-async");
  readonly #clocks: readonly Clock[];

  constructor(clocks: readonly Clock[]) {
    this.#clocks = clocks;
  }

  autoUpdate(env: Record<string, string> = {}): AutoUpdate {
    const fakes = this.#clocks.map((clock) =>
      fromFileUrl(new URL(`../fixtures/clocks/${clock}`, import.meta.url))
    );
    return new AutoUpdate({ HOME: this.home, PATH: [...fakes, this.#tools()].join(":"), ...env });
  }

  /** What the fakes themselves need, and nothing else: the real clocks must not be found. */
  #tools(): string {
    const directory = join(this.home, "tools");
    Deno.mkdirSync(directory, { recursive: true });
    for (const name of ["cat", "cp", "rm", "sh", "touch"]) {
      const link = join(directory, name);
      const target = ["/bin", "/usr/bin"].map((path) => join(path, name)).find((path) => {
        return Deno.statSync(path).isFile;
      });
      try {
        Deno.symlinkSync(target ?? assert.fail(`no ${name}`), link);
      } catch (error) {
        if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
      }
    }
    return directory;
  }

  read(path: string): string | null {
    try {
      return Deno.readTextFileSync(join(this.home, path));
    } catch {
      return null;
    }
  }

  write(path: string, text = ""): void {
    Deno.writeTextFileSync(join(this.home, path), text);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.home, { recursive: true });
  }
}

const UNITS = ".config/systemd/user";

Deno.test("auto-update by systemd: enabled, enabled again, disabled, disabled again", async () => {
  using machine = new Machine(["systemd", "cron"]);
  assert.equal(await machine.autoUpdate().enabledBy(), null);
  assert.deepEqual(await machine.autoUpdate().enable(machine.program), { by: "systemd", hasChanged: true });
  const service = machine.read(`${UNITS}/agent-async-update.service`);
  assert.match(service ?? "", new RegExp(`\nExecStart="${machine.program}" "update" "--leave-daemon"\n`));
  assert.match(machine.read(`${UNITS}/agent-async-update.timer`) ?? "", /OnCalendar=daily\n/);
  assert.equal(machine.read("enabled"), "agent-async-update.timer\n");

  assert.deepEqual(await machine.autoUpdate().enable(machine.program), { by: "systemd", hasChanged: false });
  assert.equal(machine.read(`${UNITS}/agent-async-update.service`), service);
  assert.equal(await machine.autoUpdate().enabledBy(), "systemd");

  machine.write(`${UNITS}/other.timer`, "mine");
  assert.deepEqual(await machine.autoUpdate().disable(), ["systemd"]);
  assert.deepEqual([...Deno.readDirSync(join(machine.home, UNITS))].map(({ name }) => name), ["other.timer"]);
  assert.equal(machine.read("enabled"), null);
  assert.deepEqual(await machine.autoUpdate().disable(), []);
  assert.equal(machine.read("table"), null);
});

Deno.test("auto-update: a systemctl without a systemd of this user is no clock, cron is the next", async () => {
  using machine = new Machine(["systemd", "cron"]);
  machine.write("no-bus");
  assert.deepEqual(await machine.autoUpdate().enable(machine.program), { by: "cron", hasChanged: true });
  assert.equal(machine.read(`${UNITS}/agent-async-update.timer`), null);
  assert.match(
    machine.read("table") ?? "",
    /^\d+ 9 \* \* \* HOME=\S+ \S+\/bin\/agent-async update --leave-daemon >\/dev\/null 2>&1 # agent-async auto-update\n$/,
  );
});

Deno.test("auto-update: the better clock that came later takes over, and only one remains", async () => {
  using machine = new Machine(["systemd", "cron"]);
  machine.write("no-bus");
  await machine.autoUpdate().enable(machine.program);
  Deno.removeSync(join(machine.home, "no-bus"));
  assert.deepEqual(await machine.autoUpdate().enable(machine.program), { by: "systemd", hasChanged: true });
  assert.equal(machine.read("table"), null);
  assert.equal(await machine.autoUpdate().enabledBy(), "systemd");
});

Deno.test("auto-update by cron: every other line stays byte for byte", async () => {
  for (const table of ["# mine\n5 4 * * * backup\n", "5 4 * * * no newline at the end", "\n\n@daily x\n\n"]) {
    using machine = new Machine(["cron"]);
    machine.write("table", table);
    await machine.autoUpdate().enable(machine.program);
    assert.deepEqual(await machine.autoUpdate().enable(machine.program), { by: "cron", hasChanged: false });
    assert.equal(machine.read("table")?.match(/auto-update/g)?.length, 1);
    assert.deepEqual(await machine.autoUpdate().disable(), ["cron"]);
    assert.equal(machine.read("table"), table.endsWith("\n") ? table : `${table}\n`);
  }
});

Deno.test("auto-update by cron: a table that cannot be read is not overwritten", async () => {
  using machine = new Machine(["cron"]);
  machine.write("table", "5 4 * * * backup\n");
  machine.write("broken");
  await assert.rejects(machine.autoUpdate().enable(machine.program), CommandError);
  await assert.rejects(machine.autoUpdate().disable(), CommandError);
  assert.equal(machine.read("table"), "5 4 * * * backup\n");
});

Deno.test("auto-update by launchd: loaded once, loaded anew when the program moved, removed", async () => {
  using machine = new Machine(["launchd", "systemd", "cron"]);
  assert.deepEqual(await machine.autoUpdate().enable(machine.program), { by: "launchd", hasChanged: true });
  const path = "Library/LaunchAgents/agent-async.update.plist";
  assert.equal(machine.read("loaded"), machine.read(path));
  assert.deepEqual(await machine.autoUpdate().enable(machine.program), { by: "launchd", hasChanged: false });
  const moved = join(machine.home, "elsewhere", "agent-async");
  assert.deepEqual(await machine.autoUpdate().enable(moved), { by: "launchd", hasChanged: true });
  assert.match(machine.read("loaded") ?? "", /<string>[^<]*\/elsewhere\/agent-async<\/string>/);
  assert.deepEqual(await machine.autoUpdate().disable(), ["launchd"]);
  assert.deepEqual([machine.read("loaded"), machine.read(path)], [null, null]);
});

Deno.test("auto-update: a launchd without a session of this user is no clock, cron is the next", async () => {
  using machine = new Machine(["launchd", "cron"]);
  machine.write("no-session");
  assert.equal((await machine.autoUpdate().enable(machine.program)).by, "cron");
  assert.equal(machine.read("Library/LaunchAgents/agent-async.update.plist"), null);
});

Deno.test("auto-update: where there is no clock, it says what to run", async () => {
  using machine = new Machine([]);
  await assert.rejects(
    machine.autoUpdate().enable(machine.program),
    (error) =>
      error instanceof CommandError && error.hint?.endsWith(`${machine.program} update --leave-daemon`),
  );
});

Deno.test("auto-update: settings of this terminal that the clock would not know go with it", async () => {
  using machine = new Machine(["cron"]);
  const env = { AGENT_ASYNC_HOME: "/srv/my jobs", AGENT_ASYNC_RELEASE_URL: "https://example.com/%x" };
  await machine.autoUpdate(env).enable(machine.program);
  assert.match(
    machine.read("table") ?? "",
    / AGENT_ASYNC_HOME='\/srv\/my jobs' AGENT_ASYNC_RELEASE_URL='https:\/\/example\.com\/\\%x' /,
  );
});

const AWKWARD = {
  command: [`/home/o'neil & <co>/100%/a"b\\c$HOME/agent-async`, "update"],
  env: { A: "x y" },
};

Deno.test("auto-update: awkward paths are written as each clock wants them", () => {
  assert.match(
    serviceText(AWKWARD),
    /\nEnvironment="A=x y"\nExecStart="\/home\/o'neil & <co>\/100%%\/a\\"b\\\\c\$\$HOME\/agent-async" "update"\n/,
  );
  assert.match(
    plistText(AWKWARD),
    /<key>Hour<\/key>\s+<integer>9<\/integer>\s+<key>Minute<\/key>\s+<integer>\d{1,2}<\/integer>/,
  );
  assert.match(
    plistText(AWKWARD),
    /<string>\/home\/o'neil &amp; &lt;co&gt;\/100%\/a&quot;b\\c\$HOME\/agent-async<\/string>/,
  );
  assert.ok(cronLine(AWKWARD).includes(`'/home/o'\\''neil & <co>/100\\%/a"b\\c$HOME/agent-async' update`));
});

Deno.test("auto-update: a path with a newline is refused, since it would be a second line", async () => {
  using machine = new Machine(["cron"]);
  await assert.rejects(machine.autoUpdate().enable("/a\n* * * * * evil"), CommandError);
  assert.equal(machine.read("table"), null);
});

Deno.test("cron: a line of ours is replaced where it stands", () => {
  const table = withLine("a\n", cronLine(AWKWARD));
  const moved = withLine(`${table}b\n`, cronLine({ command: ["/x"], env: {} }));
  assert.match(moved, /^a\n\d+ 9 \* \* \* \/x >\/dev\/null 2>&1 # agent-async auto-update\nb\n$/);
  assert.equal(withoutLine(moved), "a\nb\n");
});
