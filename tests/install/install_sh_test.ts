/**
 * Tests of `install.sh`: the real script against releases on loopback. Shell scripts stand in for the program.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { assetName, ASSETS } from "../../src/cli/update/asset_name.ts";
import { RELEASE_URL } from "../../src/cli/update/release_server.ts";
import { fromFileUrl } from "../support/from_file_url.ts";
import { type Fault, ServedRelease, standIn } from "../support/served_release.ts";
import { exists } from "../support/exists.ts";

const SCRIPT = fromFileUrl(new URL("../../install.sh", import.meta.url));
const ASSET = assetName();

/** Commands that the script uses, beyond the shell's own. */
const COMMANDS = ["mkdir", "mktemp", "rm", "mv", "chmod", "cut", "uname", "cat", "ldd", "sed", "find"];
const DOWNLOADERS = ["curl", "wget"] as const;
/** With what each needs itself: one of them is a script of Perl. */
const HASHERS = { sha256sum: [], shasum: ["perl", "env"] } as const;

/** Absolute; `undefined` for what this machine does not have. */
function commandPath(name: string): string | undefined {
  return ["/bin", "/usr/bin", "/usr/local/bin"].map((path) => join(path, name)).find(exists);
}

const HASHER = commandPath("sha256sum") === undefined ? "shasum" : "sha256sum";

interface RunOptions {
  readonly env?: Record<string, string>;
  /** The commands on the PATH. */
  readonly commands?: readonly string[];
  /** Replacements for commands, as scripts. */
  readonly fakes?: Readonly<Record<string, string>>;
  /** The shell with its arguments. */
  readonly shell?: readonly string[];
  /** Runs only the first bytes, as a download that broke off would. */
  readonly bytes?: number;
}

class Machine implements Disposable {
  readonly home = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "agent-async-test-" }));
  readonly directory = join(this.home, ".local", "bin");
  readonly program = join(this.directory, "agent-async");

  async run(release: ServedRelease | null, options: RunOptions = {}) {
    const tools = Deno.makeTempDirSync({ dir: this.home, prefix: "tools-" });
    for (const name of options.commands ?? [...COMMANDS, "curl", HASHER, ...HASHERS[HASHER]]) {
      const found = commandPath(name);
      if (found !== undefined) Deno.symlinkSync(found, join(tools, name));
    }
    for (const [name, text] of Object.entries(options.fakes ?? {})) {
      Deno.removeSync(join(tools, name));
      Deno.writeTextFileSync(join(tools, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    }
    // As it comes from the network: through a pipe.
    const [shell = "/bin/sh", ...args] = options.shell ?? [];
    const child = new Deno.Command(shell, {
      args,
      cwd: this.home,
      clearEnv: true,
      env: {
        HOME: this.home,
        PATH: tools,
        SHELL: "/bin/bash",
        ...(release === null ? {} : { AGENT_ASYNC_RELEASE_URL: release.url }),
        ...options.env,
      },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(Deno.readFileSync(SCRIPT).subarray(0, options.bytes)).catch(() => {});
    await writer.close().catch(() => {});
    const { code, stdout, stderr } = await child.output();
    Deno.removeSync(tools, { recursive: true });
    return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
  }

  /** Names in the install directory; `null` when there is none. */
  names(): string[] | null {
    return exists(this.directory)
      ? [...Deno.readDirSync(this.directory)].map(({ name }) => name).sort()
      : null;
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.home, { recursive: true });
  }
}

function served(version: string, extra = ""): ServedRelease {
  return new ServedRelease({ version, assets: { [ASSET]: standIn(version, extra) } });
}

const SHELLS = [["sh"], ["dash"], ["bash"], ["busybox", "sh"], ["zsh", "--emulate", "sh"]] as const;

for (const [name, ...args] of SHELLS) {
  const path = commandPath(name);
  Deno.test({
    name: `install.sh: installs into an empty HOME, with ${[name, ...args].join(" ")}`,
    ignore: path === undefined,
    fn: async () => {
      using machine = new Machine();
      await using release = served("1.0.0");
      const { code, stdout, stderr } = await machine.run(release, { shell: [path ?? "", ...args] });
      assert.deepEqual([code, stderr], [0, ""]);
      assert.deepEqual(machine.names(), ["agent-async"]);
      assert.deepEqual(Deno.readFileSync(machine.program), standIn("1.0.0"));
      assert.equal((Deno.statSync(machine.program).mode ?? 0) & 0o777, 0o755);
      assert.match(stdout, /^Installed agent-async 1\.0\.0: \S+\/\.local\/bin\/agent-async$/m);
      assert.match(stdout, /is not on your PATH\. Add it:\n {2}echo 'export PATH=.*>>~\/\.bashrc/);
      assert.match(stdout, /agent-async add-agent HOST/);
    },
  });
}

Deno.test("install.sh: a directory that cannot be made is named, and nothing is asked of the release", async () => {
  using machine = new Machine();
  await using release = served("1.0.0");
  Deno.writeTextFileSync(join(machine.home, ".local"), "a file");
  const { code, stderr } = await machine.run(release);
  assert.deepEqual([code, release.asked], [1, []]);
  assert.match(stderr, /install\.sh: cannot create \S+\/\.local\/bin/);
});

Deno.test("install.sh: what killed installations left goes after a day, and not before", async () => {
  using machine = new Machine();
  await using release = served("1.0.0");
  for (const name of ["install.old", "install.new"]) {
    Deno.mkdirSync(join(machine.directory, `.agent-async-${name}`), { recursive: true });
  }
  Deno.utimeSync(join(machine.directory, ".agent-async-install.old"), new Date(0), new Date(0));
  assert.equal((await machine.run(release)).code, 0);
  assert.deepEqual(machine.names(), [".agent-async-install.new", "agent-async"]);
});

Deno.test("install.sh: a second run changes and downloads nothing", async () => {
  using machine = new Machine();
  await using release = served("1.0.0");
  await machine.run(release);
  const before = Deno.statSync(machine.program);
  release.asked.length = 0;
  const { code, stdout } = await machine.run(release);
  assert.equal(code, 0);
  assert.match(stdout, /^agent-async is up to date: /);
  assert.deepEqual(release.asked, ["SHA256SUMS"]);
  assert.deepEqual(Deno.statSync(machine.program).ino, before.ino);
});

Deno.test("install.sh: updates what is there", async () => {
  using machine = new Machine();
  await using release = served("1.0.0");
  await machine.run(release);
  release.publish({ version: "1.1.0", assets: { [ASSET]: standIn("1.1.0") } });
  assert.equal((await machine.run(release)).code, 0);
  assert.deepEqual(Deno.readFileSync(machine.program), standIn("1.1.0"));
});

Deno.test("install.sh: AGENT_ASYNC_INSTALL_DIR, with spaces, and on the PATH", async () => {
  using machine = new Machine();
  await using release = served("1.0.0");
  const directory = join(machine.home, "my programs", "bin");
  const { code, stdout } = await machine.run(release, { env: { AGENT_ASYNC_INSTALL_DIR: `${directory}/` } });
  assert.equal(code, 0);
  assert.match(stdout, /: \S+\/my programs\/bin\/agent-async\n/);
  assert.ok(exists(join(directory, "agent-async")));
  assert.equal(machine.names(), null);
  assert.match(stdout, /my programs/);
  const relative = await machine.run(release, { env: { AGENT_ASYNC_INSTALL_DIR: "bin" } });
  assert.deepEqual([relative.code, relative.stdout], [1, ""]);
  assert.match(relative.stderr, /must be an absolute path/);
});

for (const downloader of DOWNLOADERS) {
  for (const [hasher, needed] of Object.entries(HASHERS)) {
    const isHere = commandPath(downloader) !== undefined && commandPath(hasher) !== undefined;
    Deno.test({ name: `install.sh: with ${downloader} and ${hasher}`, ignore: !isHere }, async () => {
      using machine = new Machine();
      await using release = served("1.0.0");
      const commands = [...COMMANDS, downloader, hasher, ...needed];
      const { code, stderr } = await machine.run(release, { commands });
      assert.deepEqual([code, stderr], [0, ""]);
      release.publish({ version: "1.1.0", assets: { [ASSET]: standIn("1.1.0") } });
      release.fail(ASSET, { kind: "other", bytes: standIn("6.6.6") });
      assert.equal((await machine.run(release, { commands })).code, 1);
      assert.deepEqual(Deno.readFileSync(machine.program), standIn("1.0.0"));
    });
  }
}

const FAULTS: readonly { what: string; name: string; fault: Fault; says: RegExp }[] = [
  { what: "no release", name: "SHA256SUMS", fault: { kind: "status", status: 404 }, says: /cannot download/ },
  { what: "no asset", name: ASSET, fault: { kind: "status", status: 404 }, says: /cannot download/ },
  {
    what: "a wrong checksum",
    name: ASSET,
    fault: { kind: "other", bytes: standIn("6.6.6") },
    says: /does not have the checksum/,
  },
  { what: "a truncated asset", name: ASSET, fault: { kind: "truncated" }, says: /cannot download|checksum/ },
  {
    what: "checksums of something else",
    name: "SHA256SUMS",
    fault: { kind: "other", bytes: new TextEncoder().encode(`${"0".repeat(64)}  other\n`) },
    says: /this release has no agent-async-/,
  },
];

for (const { what, name, fault, says } of FAULTS) {
  for (const isFirst of [true, false]) {
    const when = isFirst ? "a first install" : "an update";
    Deno.test(`install.sh: ${what} changes nothing at ${when}`, async () => {
      using machine = new Machine();
      await using release = served("1.0.0");
      if (!isFirst) await machine.run(release);
      release.publish({ version: "1.1.0", assets: { [ASSET]: standIn("1.1.0") } });
      release.fail(name, fault);
      const { code, stderr } = await machine.run(release);
      assert.equal(code, 1);
      assert.match(stderr, says);
      assert.deepEqual(machine.names(), isFirst ? [] : ["agent-async"]);
      if (!isFirst) assert.deepEqual(Deno.readFileSync(machine.program), standIn("1.0.0"));
    });
  }
}

Deno.test("install.sh: a program that does not start here does not replace one that works", async () => {
  using machine = new Machine();
  await using release = served("1.0.0");
  await machine.run(release);
  release.publish({
    version: "1.1.0",
    assets: { [ASSET]: new TextEncoder().encode("#!/nonexistent/interpreter\n") },
  });
  const { code, stderr } = await machine.run(release);
  assert.equal(code, 1);
  assert.match(stderr, /does not start on this machine\. Nothing was changed/);
  assert.deepEqual(machine.names(), ["agent-async"]);
  assert.deepEqual(Deno.readFileSync(machine.program), standIn("1.0.0"));
});

Deno.test("install.sh: a script of which only a part arrived does nothing", async () => {
  using machine = new Machine();
  await using release = served("1.0.0");
  const whole = Deno.statSync(SCRIPT).size;
  for (const part of [0.3, 0.6, 0.9]) {
    await machine.run(release, { bytes: Math.floor(whole * part) });
    assert.deepEqual([release.asked, machine.names()], [[], null]);
  }
});

Deno.test("install.sh: refuses addresses that anybody on the way could change", async () => {
  using machine = new Machine();
  for (const url of ["http://example.com/x", "http://127.0.0.1:80@example.com/x", "file:///tmp/x"]) {
    const { code, stderr } = await machine.run(null, { env: { AGENT_ASYNC_RELEASE_URL: url } });
    assert.equal(code, 1, url);
    assert.match(stderr, /AGENT_ASYNC_RELEASE_URL/);
  }
  assert.equal(machine.names(), null);
});

Deno.test("install.sh: knows the same platforms and names as the program, and refuses the others", async () => {
  const cases = [
    ["Linux", "x86_64", ASSETS["linux x86_64"]],
    ["Linux", "aarch64", ASSETS["linux aarch64"]],
    ["Darwin", "x86_64", ASSETS["darwin x86_64"]],
    ["Darwin", "arm64", ASSETS["darwin aarch64"]],
    ["Linux", "armv7l", undefined],
    ["FreeBSD", "amd64", undefined],
    ["MINGW64_NT-10.0", "x86_64", undefined],
  ] as const;
  for (const [system, machineName, asset] of cases) {
    using machine = new Machine();
    await using release = new ServedRelease({
      version: "1.0.0",
      assets: asset === undefined ? {} : { [asset]: standIn("1.0.0") },
    });
    const uname = `case $1 in -s) echo ${system} ;; -m) echo ${machineName} ;; esac`;
    const { code, stderr } = await machine.run(release, { fakes: { uname } });
    if (asset === undefined) {
      assert.equal(code, 1, stderr);
      assert.equal(machine.names(), null);
    } else {
      assert.deepEqual([code, stderr], [0, ""]);
      assert.ok(release.asked.includes(asset));
    }
  }
});

Deno.test("install.sh: says that a Linux with musl is not served", async () => {
  using machine = new Machine();
  await using release = served("1.0.0");
  const { code, stderr } = await machine.run(release, {
    fakes: {
      ldd: "echo 'musl libc (x86_64)' >&2; exit 1",
      uname: "[ $1 = -s ] && echo Linux || echo x86_64",
    },
  });
  assert.equal(code, 1);
  assert.match(stderr, /musl/);
  assert.equal(machine.names(), null);
});

Deno.test("install.sh: has the release address of the program, in one place", () => {
  const text = Deno.readTextFileSync(SCRIPT);
  const code = text.split("\n").filter((line) => !line.startsWith("#")).join("\n");
  assert.deepEqual(code.match(/https:\/\/[a-z][^\s}]+/g), [RELEASE_URL]);
});

Deno.test({
  name: "install.sh: on a terminal it offers to register hosts",
  // Elsewhere `script` takes other arguments.
  ignore: Deno.build.os !== "linux" || !exists("/usr/bin/script"),
  fn: async () => {
    using machine = new Machine();
    await using release = served("1.0.0");
    const child = new Deno.Command("/usr/bin/script", {
      args: ["-qec", `sh '${SCRIPT}'`, "/dev/null"],
      clearEnv: true,
      env: {
        HOME: machine.home,
        PATH: "/usr/bin:/bin",
        SHELL: "/bin/bash",
        AGENT_ASYNC_RELEASE_URL: release.url,
      },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    const output = new Response(child.stdout).text();
    await writer.write(new TextEncoder().encode("codex cursor\n"));
    const [text] = await Promise.all([output, child.stderr.cancel(), child.status]);
    await writer.close().catch(() => {});
    assert.match(text, /codex {2}found\r\nRegister agent-async with which of these\?/);
    assert.deepEqual(
      Deno.readTextFileSync(`${machine.program}.calls`),
      "add-agent codex\nadd-agent cursor\n",
    );
  },
});

/** A GNU wget on paper: what it answers by address, as a file or as another address. */
function paperWget(answers: Record<string, { file: string } | { to: string }>): string {
  const cases = Object.entries(answers).map(([address, answer]) =>
    "file" in answer
      ? `'${address}') cat '${answer.file}' >"$out" ;;`
      : `'${address}') echo '  HTTP/1.1 302 Found' >&2; echo '  Location: ${answer.to}' >&2; exit 8 ;;`
  );
  return `[ "$1" != --version ] || { echo 'GNU Wget 1.21.4'; exit 0; }
while [ $# -gt 1 ]; do [ "$1" != -O ] || out=$2; [ "$1" != --max-redirect=0 ] || stays=1; shift; done
[ -n "\${stays-}" ] || exit 99
echo "$1" >>"$HOME/asked"
case $1 in
${cases.join("\n")}
  *) exit 4 ;;
esac`;
}

Deno.test("install.sh with wget: every address on the way is https", async () => {
  const from = "https://releases.example.invalid/latest";
  for (
    const [on, isInstalled] of [
      ["https://other.example.invalid/files", true],
      ["/files", true],
      ["http://other.example.invalid/files", false],
      ["//other.example.invalid/files", false],
    ] as const
  ) {
    using machine = new Machine();
    await using release = served("1.0.0");
    const answers: Parameters<typeof paperWget>[0] = {};
    for (const name of ["SHA256SUMS", ASSET]) {
      const file = join(machine.home, name);
      const response = await fetch(`${release.url}/${name}`);
      Deno.writeFileSync(file, await response.bytes());
      answers[`${from}/${name}`] = { to: `${on}/${name}` };
      answers[new URL(`${on}/${name}`, from).href] = { file };
    }
    const { code, stderr } = await machine.run(null, {
      env: { AGENT_ASYNC_RELEASE_URL: from },
      commands: [...COMMANDS, "wget", HASHER, ...HASHERS[HASHER]],
      fakes: { wget: paperWget(answers) },
    });
    if (isInstalled) {
      assert.deepEqual([code, stderr, machine.names()], [0, "", ["agent-async"]]);
      continue;
    }
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`SHA256SUMS: it is sent on to ${on}/SHA256SUMS\n$`));
    assert.equal(Deno.readTextFileSync(join(machine.home, "asked")), `${from}/SHA256SUMS\n`);
    assert.ok(!exists(machine.program));
  }
});

Deno.test("install.sh: a wget that follows wherever it is sent is not used", async () => {
  using machine = new Machine();
  const { code, stderr } = await machine.run(null, {
    commands: [...COMMANDS, "wget", HASHER, ...HASHERS[HASHER]],
    fakes: { wget: "echo 'BusyBox v1.36.1 multi-call binary.' >&2; exit 1" },
  });
  assert.deepEqual([code, stderr], [
    1,
    "install.sh: needs curl: this wget does not check where it is sent on to\n",
  ]);
});

for (const downloader of DOWNLOADERS) {
  Deno.test({
    name: `install.sh with ${downloader}: a release on this machine sends nobody on`,
    ignore: commandPath(downloader) === undefined,
    fn: async () => {
      using machine = new Machine();
      await using release = served("1.0.0");
      await using other = served("1.0.0", "another");
      release.fail("SHA256SUMS", { kind: "redirect", to: `${other.url}/SHA256SUMS` });
      const { code } = await machine.run(release, {
        commands: [...COMMANDS, downloader, HASHER, ...HASHERS[HASHER]],
      });
      assert.equal(code, 1);
      assert.deepEqual(other.asked, []);
    },
  });
}
