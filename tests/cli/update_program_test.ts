/**
 * Tests of room `cli`: an update from question to rename, against releases on loopback. Shell scripts stand in for the
 * executables; `tests/e2e/update_test.ts` does it with real ones.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { CommandError } from "../../src/cli/entry/exit_code.ts";
import { assetName } from "../../src/cli/update/asset_name.ts";
import { ReleaseServer } from "../../src/cli/update/release_server.ts";
import { replaceExecutable } from "../../src/cli/update/replace_executable.ts";
import { updateProgram } from "../../src/cli/update/update_program.ts";
import { type Fault, ServedRelease, standIn } from "../support/served_release.ts";

const ASSET = assetName();
const ENV = { PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin", HOME: "/nowhere" };

class Place implements Disposable {
  readonly directory = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "agent-async-test-" }));
  readonly program = join(this.directory, "agent-async");

  constructor(readonly mode = 0o755) {
    Deno.writeFileSync(this.program, standIn("1.0.0"));
    Deno.chmodSync(this.program, mode);
  }

  update(release: ServedRelease, options: { isForced?: boolean; silenceMs?: number; path?: string } = {}) {
    return updateProgram({
      server: new ReleaseServer({ url: release.url, silenceMs: options.silenceMs ?? 10_000 }),
      asset: ASSET,
      path: options.path ?? this.program,
      version: "1.0.0",
      isForced: options.isForced ?? false,
      env: ENV,
    });
  }

  /** Whether nothing at all has changed. */
  assertUntouched(): void {
    assert.deepEqual(this.names(), ["agent-async"]);
    assert.deepEqual(Deno.readFileSync(this.program), standIn("1.0.0"));
    assert.equal((Deno.statSync(this.program).mode ?? 0) & 0o7777, this.mode);
  }

  names(): string[] {
    return [...Deno.readDirSync(this.directory)].map(({ name }) => name).sort();
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.directory, { recursive: true });
  }
}

Deno.test("update: a newer release replaces the program, which keeps its permissions", async () => {
  for (const mode of [0o755, 0o700, 0o775]) {
    using place = new Place(mode);
    await using release = new ServedRelease({ version: "1.1.0", assets: { [ASSET]: standIn("1.1.0") } });
    assert.deepEqual(await place.update(release), {
      comparison: "newer",
      released: "1.1.0",
      isReplaced: true,
    });
    assert.deepEqual(Deno.readFileSync(place.program), standIn("1.1.0"));
    assert.equal((Deno.statSync(place.program).mode ?? 0) & 0o7777, mode);
    assert.deepEqual(place.names(), ["agent-async"]);
  }
});

Deno.test("update: the same and an older release change nothing, and are not even downloaded", async () => {
  for (const [version, comparison] of [["1.0.0", "same"], ["0.9.9", "older"], ["1.0.0-rc.1", "older"]]) {
    using place = new Place();
    await using release = new ServedRelease({
      version: version ?? "",
      assets: { [ASSET]: standIn(version ?? "") },
    });
    assert.deepEqual(await place.update(release), { comparison, released: version, isReplaced: false });
    place.assertUntouched();
    assert.ok(!release.asked.includes(ASSET));
  }
});

Deno.test("update --force: installs the same and an older release", async () => {
  for (const version of ["1.0.0", "0.9.9"]) {
    using place = new Place();
    await using release = new ServedRelease({ version, assets: { [ASSET]: standIn(version, "again") } });
    assert.equal((await place.update(release, { isForced: true })).isReplaced, true);
    assert.deepEqual(Deno.readFileSync(place.program), standIn(version, "again"));
  }
});

const FAULTS: readonly { what: string; name: string; fault: Fault; says: RegExp }[] = [
  { what: "no release", name: "SHA256SUMS", fault: { kind: "status", status: 404 }, says: /server says 404/ },
  { what: "no version", name: "VERSION", fault: { kind: "status", status: 404 }, says: /VERSION.*404/ },
  { what: "no asset", name: ASSET, fault: { kind: "status", status: 404 }, says: /server says 404/ },
  { what: "a broken server", name: ASSET, fault: { kind: "status", status: 503 }, says: /server says 503/ },
  {
    what: "a wrong checksum",
    name: ASSET,
    fault: { kind: "other", bytes: standIn("1.1.0", "evil") },
    says: /does not have the checksum/,
  },
  { what: "a truncated asset", name: ASSET, fault: { kind: "truncated" }, says: /ended before its end/ },
  { what: "a server that falls silent", name: ASSET, fault: { kind: "silent" }, says: /stopped coming/ },
  {
    what: "a VERSION of another release",
    name: "VERSION",
    fault: { kind: "other", bytes: new TextEncoder().encode("9.9.9\n") },
    says: /VERSION does not fit SHA256SUMS/,
  },
  {
    what: "checksums that are a web page",
    name: "SHA256SUMS",
    fault: { kind: "other", bytes: new TextEncoder().encode("<html>not found</html>") },
    says: /is no list of checksums/,
  },
  {
    what: "checksums without end",
    name: "SHA256SUMS",
    fault: { kind: "other", bytes: new Uint8Array(100_000).fill(0x61) },
    says: /is larger than 65536 bytes/,
  },
  {
    what: "a way out of https",
    name: ASSET,
    fault: { kind: "redirect", to: "http://127.0.0.1.example.invalid/x" },
    says: /leads to "http:\/\/127\.0\.0\.1\.example\.invalid\/x", which is no https address/,
  },
];

for (const { what, name, fault, says } of FAULTS) {
  Deno.test(`update: ${what} changes nothing`, async () => {
    using place = new Place();
    await using release = new ServedRelease({ version: "1.1.0", assets: { [ASSET]: standIn("1.1.0") } });
    release.fail(name, fault);
    await assert.rejects(
      place.update(release, { silenceMs: fault.kind === "silent" ? 200 : 10_000 }),
      (error) => error instanceof CommandError && says.test(error.message),
    );
    place.assertUntouched();
  });
}

Deno.test("update: a program that does not start, or is another version, does not replace one that works", async () => {
  const bad = {
    "it says that it is version 1.0.9": standIn("1.0.9"),
    "it ended with code 7": new TextEncoder().encode("#!/bin/sh\nexit 7\n"),
    "it does not start": new TextEncoder().encode("#!/nonexistent/interpreter\n"),
  };
  for (const [says, bytes] of Object.entries(bad)) {
    using place = new Place();
    await using release = new ServedRelease({ version: "1.1.0", assets: { [ASSET]: bytes } });
    await assert.rejects(
      place.update(release),
      (error) => error instanceof CommandError && error.message.includes(says),
    );
    place.assertUntouched();
  }
});

Deno.test("update: a release without this machine's asset is refused", async () => {
  using place = new Place();
  await using release = new ServedRelease({ version: "1.1.0", assets: { other: standIn("1.1.0") } });
  await assert.rejects(place.update(release), { message: /is not in SHA256SUMS/ });
  place.assertUntouched();
});

Deno.test("update: a link stays a link, and what it leads to is replaced", async () => {
  using place = new Place();
  const link = join(place.directory, "link");
  Deno.symlinkSync(place.program, link);
  await using release = new ServedRelease({ version: "1.1.0", assets: { [ASSET]: standIn("1.1.0") } });
  await place.update(release, { path: link });
  assert.ok(Deno.lstatSync(link).isSymlink);
  assert.deepEqual(Deno.readFileSync(place.program), standIn("1.1.0"));
});

Deno.test("update: given up in the middle of the download, it leaves nothing", async () => {
  using place = new Place();
  await using release = new ServedRelease({ version: "1.1.0", assets: { [ASSET]: standIn("1.1.0") } });
  release.fail(ASSET, { kind: "silent" });
  const interrupt = new AbortController();
  const updating = updateProgram({
    server: new ReleaseServer({ url: release.url, signal: interrupt.signal }),
    asset: ASSET,
    path: place.program,
    version: "1.0.0",
    isForced: false,
    env: ENV,
    onDownload: () => {
      queueMicrotask(() => interrupt.abort());
      return Promise.resolve();
    },
  });
  await assert.rejects(updating);
  place.assertUntouched();
});

Deno.test({
  name: "update: a full disk is told as that",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using release = new ServedRelease({ version: "1.1.0", assets: { [ASSET]: standIn("1.1.0") } });
    const server = new ReleaseServer({ url: release.url });
    using full = Deno.openSync("/dev/full", { write: true });
    await assert.rejects(
      server.download(ASSET, await server.newest(), full),
      (error) => error instanceof CommandError && /Cannot write .*: No space left/.test(error.message),
    );
  },
});

Deno.test("update: drafts of killed updates are cleared away, fresh ones are somebody's", async () => {
  using place = new Place();
  const [abandoned, fresh, installing] = ["update-old", "update-new", "install.old"].map((name) =>
    join(place.directory, `.agent-async-${name}`)
  );
  assert.ok(abandoned !== undefined && fresh !== undefined && installing !== undefined);
  for (const path of [abandoned, fresh]) Deno.writeTextFileSync(path, "half");
  Deno.mkdirSync(installing);
  Deno.writeTextFileSync(join(installing, "agent-async"), "half");
  for (const path of [abandoned, installing]) Deno.utimeSync(path, new Date(0), new Date(0));
  await using release = new ServedRelease({ version: "1.1.0", assets: { [ASSET]: standIn("1.1.0") } });
  await place.update(release);
  assert.deepEqual(place.names(), [".agent-async-update-new", "agent-async"]);
});

Deno.test("update: only https or this machine", () => {
  for (
    const url of [
      "http://example.com/x",
      "ftp://127.0.0.1/x",
      "http://127.0.0.1.example.com/",
      "http://localhost@example.com/",
      "nonsense",
    ]
  ) {
    assert.throws(() => new ReleaseServer({ url }), CommandError, url);
  }
  for (const url of ["https://example.com/x/", "http://127.0.0.1:8000/x", "http://[::1]:8000/x"]) {
    assert.equal(new ReleaseServer({ url }).url, url.replace(/\/$/, ""));
  }
});

Deno.test("replaceExecutable on Windows: the running file is renamed, and the one before goes", () => {
  using place = new Place();
  const draft = join(place.directory, "draft");
  for (const version of ["2.0.0", "3.0.0"]) {
    Deno.writeFileSync(draft, standIn(version));
    replaceExecutable(draft, place.program, "windows");
  }
  assert.deepEqual(place.names(), ["agent-async", "agent-async.old"]);
  assert.deepEqual(Deno.readFileSync(place.program), standIn("3.0.0"));
  assert.deepEqual(Deno.readFileSync(`${place.program}.old`), standIn("2.0.0"));
});

Deno.test("replaceExecutable on Windows: when the new one cannot be put there, the old one comes back", () => {
  using place = new Place();
  assert.throws(() => replaceExecutable(join(place.directory, "missing"), place.program, "windows"));
  place.assertUntouched();
});

Deno.test("update: no address on the way may be plain http, though the last one is as good as the first", async () => {
  using place = new Place();
  await using release = new ServedRelease({ version: "1.1.0", assets: { [ASSET]: standIn("1.1.0") } });
  const away: string[] = [];
  await using other = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    away.push(request.url);
    return new Response(null, { status: 302, headers: { location: `${release.url}/VERSION` } });
  });
  // Another name of this machine, which stands for any other.
  const step = `http://0.0.0.0:${other.addr.port}/step`;
  release.fail(ASSET, { kind: "redirect", to: step });
  await assert.rejects(
    place.update(release),
    (error) => error instanceof CommandError && error.message.includes(`leads to "${step}"`),
  );
  assert.deepEqual(away, []);
  place.assertUntouched();

  release.fail(ASSET, { kind: "redirect", to: `${release.url}/${ASSET}` });
  await assert.rejects(place.update(release), /is sent on more than 20 times/);
});
