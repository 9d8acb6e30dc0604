import assert from "node:assert/strict";
import {
  ensurePrivateDirectory,
  readTail,
  readTextIfExists,
  removeIfExists,
  reopenFiles,
  sizeIfExists,
  writeAtomically,
} from "../../src/system/files/files.ts";
import { NOT_ROOT, testUnless } from "../support/skippable.ts";

function withDirectory(test: (directory: string) => void): () => void {
  return () => {
    const directory = Deno.makeTempDirSync({ prefix: "agent-async-test-" });
    try {
      test(directory);
    } finally {
      Deno.removeSync(directory, { recursive: true });
    }
  };
}

const mode = (path: string) => (Deno.lstatSync(path).mode ?? 0) & 0o777;

Deno.test(
  "writeAtomically: replaces the whole file with mode 0600 and leaves nothing else behind",
  withDirectory((directory) => {
    const path = `${directory}/file`;
    Deno.writeTextFileSync(path, "the older and longer text", { mode: 0o644 });
    writeAtomically(path, "new");
    assert.equal(readTextIfExists(path), "new");
    assert.equal(mode(path), 0o600);
    writeAtomically(path, new Uint8Array([0, 255, 10]));
    assert.deepEqual(Deno.readFileSync(path), new Uint8Array([0, 255, 10]));
    assert.deepEqual([...Deno.readDirSync(directory)].map((entry) => entry.name), ["file"]);
  }),
);

Deno.test(
  "writeAtomically: a failure leaves no temporary file",
  withDirectory((directory) => {
    Deno.mkdirSync(`${directory}/taken`);
    assert.throws(() => writeAtomically(`${directory}/taken`, "text"));
    assert.throws(() => writeAtomically(`${directory}/missing/file`, "text"), Deno.errors.NotFound);
    assert.deepEqual([...Deno.readDirSync(directory)].map((entry) => entry.name), ["taken"]);
  }),
);

Deno.test(
  "files: what is not there is null, not an error",
  withDirectory((directory) => {
    assert.equal(readTextIfExists(`${directory}/none`), null);
    assert.equal(sizeIfExists(`${directory}/none`), null);
    assert.equal(removeIfExists(`${directory}/none`), false);
    assert.equal(readTail(`${directory}/none`, 10), "");
  }),
);

Deno.test(
  "readTail: the last bytes, from a whole character on",
  withDirectory((directory) => {
    const path = `${directory}/file`;
    Deno.writeTextFileSync(path, "aä😀z");
    assert.deepEqual(
      [1, 2, 3, 4, 5, 6, 7, 8, 100].map((bytes) => readTail(path, bytes)),
      ["z", "z", "z", "z", "😀z", "😀z", "ä😀z", "aä😀z", "aä😀z"],
    );
  }),
);

Deno.test(
  "ensurePrivateDirectory: creates with those above it, and takes the access of others away",
  withDirectory((directory) => {
    ensurePrivateDirectory(`${directory}/a/b`);
    assert.equal(mode(`${directory}/a/b`), 0o700);
    Deno.chmodSync(`${directory}/a/b`, 0o755);
    ensurePrivateDirectory(`${directory}/a/b`);
    assert.equal(mode(`${directory}/a/b`), 0o700);
  }),
);

Deno.test(
  "ensurePrivateDirectory: refuses a symbolic link and a file, naming it",
  withDirectory((directory) => {
    Deno.mkdirSync(`${directory}/real`);
    Deno.symlinkSync(`${directory}/real`, `${directory}/link`);
    assert.throws(() => ensurePrivateDirectory(`${directory}/link`), /link: it is a symbolic link/);
    Deno.writeTextFileSync(`${directory}/file`, "");
    assert.throws(() => ensurePrivateDirectory(`${directory}/file`));
  }),
);

testUnless(
  NOT_ROOT,
  "ensurePrivateDirectory: refuses a directory of somebody else",
  withDirectory((directory) => {
    Deno.mkdirSync(`${directory}/theirs`);
    Deno.chownSync(`${directory}/theirs`, 12345, 12345);
    assert.throws(() => ensurePrivateDirectory(`${directory}/theirs`), /belongs to the user with id 12345/);
  }),
);

Deno.test(
  "reopenFiles: opens what was closed to us, and changes neither what is open nor what a link leads to",
  withDirectory((directory) => {
    const closed = `${directory}/turn`;
    Deno.mkdirSync(closed);
    for (const [name, bits] of [["closed", 0o000], ["program", 0o755], ["readable", 0o444]] as const) {
      Deno.writeTextFileSync(`${closed}/${name}`, name);
      Deno.chmodSync(`${closed}/${name}`, bits);
    }
    Deno.writeTextFileSync(`${directory}/elsewhere`, "");
    Deno.chmodSync(`${directory}/elsewhere`, 0o400);
    Deno.symlinkSync("../elsewhere", `${closed}/link`);
    Deno.chmodSync(closed, 0o000);
    reopenFiles(closed);
    assert.deepEqual(["", "/closed", "/program", "/readable"].map((name) => mode(`${closed}${name}`)), [
      0o700,
      0o600,
      0o755,
      0o600,
    ]);
    assert.equal(mode(`${directory}/elsewhere`), 0o400);
  }),
);
