import assert from "node:assert/strict";
import { join } from "node:path";
import { jobChange } from "../../src/places/changes/job_change.ts";
import { listChanges } from "../../src/places/changes/list_changes.ts";
import { undoJob } from "../../src/places/writing/undo_job.ts";
import { hostileRepository } from "../support/hostile_repository.ts";
import { changeOf, homeOf, snapshotOf } from "../support/snapshots.ts";
import { repositoryAt, treeBytes, type UserRepository, userRepository } from "../support/user_repository.ts";

/** After the turn and its undoing every byte is as before, and the user's index and branches are as after the turn. */
async function isUndone(user: UserRepository, turn: () => void | Promise<void>): Promise<void> {
  const home = homeOf(user);
  const before = treeBytes(user.root);
  const change = await changeOf(home, user.root, turn);
  const theirs = user.git("status", "--porcelain=v2", "--branch", "--untracked-files=no").includes(
    "branch.oid",
  );
  const index = Deno.readFileSync(join(user.root, ".git/index"));
  const outcome = await undoJob(home, [change]);
  assert.equal(outcome.kind, "done", JSON.stringify(outcome));
  assert.deepEqual(treeBytes(user.root), before);
  assert.ok(theirs);
  assert.deepEqual(Deno.readFileSync(join(user.root, ".git/index")), index);
}

Deno.test("undo: every kind of change is taken back byte for byte", async (t) => {
  const turns: Record<string, (user: UserRepository) => void> = {
    "an edit": ({ write }) => write("a.txt", "changed\n"),
    "a mode": ({ write }) => write("run.sh", "#!/bin/sh\n", 0o644),
    "a new executable": ({ write }) => write("new/deep/run", "#!/bin/sh\n", 0o755),
    "a removed directory": ({ remove }) => remove("below"),
    "a file that became a directory": ({ remove, write }) => {
      remove("a.txt");
      write("a.txt/inside/x", "x");
    },
    "a directory that became a file": ({ remove, write }) => {
      remove("below");
      write("below", "now a file");
    },
    "a file that became a directory with an empty one in it": ({ root, remove, write }) => {
      remove("a.txt");
      write("a.txt/inside/x", "x");
      Deno.mkdirSync(join(root, "a.txt/empty/too"), { recursive: true });
    },
    "a directory that became a link": ({ root, remove }) => {
      remove("below");
      Deno.symlinkSync("new", join(root, "below"));
    },
    "a link that became a file": ({ remove, write }) => {
      remove("link");
      write("link", "x");
    },
    "a link to elsewhere": ({ root, remove }) => {
      remove("link");
      Deno.symlinkSync("/etc/passwd", join(root, "link"));
    },
    "line ends": ({ write }) => write("a.txt", "one\r\ntwo\r\nthree\r\n"),
    "bytes that are no text": ({ write }) => write("a.txt", new Uint8Array([0, 13, 10, 255, 254])),
    "a commit": ({ write, git }) => {
      write("a.txt", "committed\n");
      git("add", ".");
      git("commit", "-q", "-m", "the agent's");
    },
    "names with everything in them": ({ write }) => {
      write('a b/"c"\n\té\\', "x");
      write("-n", "x");
      write(":(top)", "x");
    },
    "an empty file": ({ write }) => write("empty", ""),
    "thousands of files": ({ write }) => {
      for (let index = 0; index < 1_500; index++) write(`many/${index % 30}/${index}`, `${index}\n`);
    },
  };
  for (const [name, turn] of Object.entries(turns)) {
    await t.step(name, async () => {
      await using user = userRepository();
      user.write("untracked.txt", "of the user\n");
      user.write("private.txt", "x\n", 0o640);
      await isUndone(user, () => turn(user));
    });
  }
});

Deno.test("undo: line ends, filters and executables come back as the bytes that they were", async () => {
  await using user = userRepository();
  user.write(".gitattributes", "* text=auto\n*.lfs filter=pointer\n");
  user.git("config", "filter.pointer.clean", "echo pointer; cat >/dev/null");
  user.git("config", "filter.pointer.smudge", "echo content; cat >/dev/null");
  user.git("config", "core.autocrlf", "input");
  user.write("crlf.txt", "one\r\ntwo\r\n");
  user.write("big.lfs", "the content\n");
  user.git("add", ".");
  user.git("commit", "-q", "-m", "converted");
  await isUndone(user, () => {
    user.write("crlf.txt", "one\r\nTWO\r\n");
    user.remove("big.lfs");
  });
});

Deno.test("undo: permissions that git does not know come back, of files that were changed, replaced and removed", async () => {
  await using user = userRepository();
  user.write("quiet.txt", "x\n", 0o600);
  user.write("script", "#!/bin/sh\n", 0o750);
  user.write("shared/removed.txt", "x\n", 0o664);
  user.write("read-only.txt", "x\n", 0o444);
  user.write("becomes-executable", "x\n", 0o640);
  const turn = () => {
    user.write("quiet.txt", "y\n");
    for (const path of ["script", "read-only.txt"]) {
      user.write(`${path}.new`, "another file\n", 0o644);
      Deno.renameSync(join(user.root, `${path}.new`), join(user.root, path));
    }
    user.remove("shared");
    Deno.chmodSync(join(user.root, "becomes-executable"), 0o755);
  };
  await isUndone(user, turn);
  // From here on the permissions are remembered, and those that changed are read again.
  Deno.chmodSync(join(user.root, "quiet.txt"), 0o640);
  user.write("quiet.txt", "z\n");
  user.write("later.txt", "x\n", 0o660);
  await isUndone(user, () => {
    turn();
    user.remove("later.txt");
  });
});

Deno.test("undo: permissions that a user has changed without touching the content come back as they were last", async () => {
  await using user = userRepository();
  const home = homeOf(user);
  await snapshotOf(home, user.root);
  Deno.chmodSync(join(user.root, "a.txt"), 0o600);
  // The same bytes in a file of its own, as a stash and a checkout leave it.
  Deno.removeSync(join(user.root, "below/b.txt"));
  user.write("below/b.txt", "b\n", 0o660);
  await isUndone(user, () => {
    user.write("a.txt.new", "one\n", 0o644);
    Deno.renameSync(join(user.root, "a.txt.new"), join(user.root, "a.txt"));
    user.remove("below");
  });
});

Deno.test("undo: permissions alone come back, whatever git sees of them", async (t) => {
  const chmod = ({ root }: UserRepository, path: string, bits: number) =>
    Deno.chmodSync(join(root, path), bits);
  const turns: Record<string, (user: UserRepository) => void> = {
    "of one file": (user) => chmod(user, "quiet.txt", 0o644),
    "of an executable": (user) => chmod(user, "run.sh", 0o700),
    "of a file that nobody may read": (user) => chmod(user, "below/b.txt", 0o000),
    "of the same bytes in another file": (user) => {
      user.remove("quiet.txt");
      user.write("quiet.txt", "x\n", 0o666);
    },
    "of all files, to what was rare": (user) => {
      for (const path of ["quiet.txt", "a.txt", "below/b.txt", "__proto__"]) chmod(user, path, 0o640);
    },
    "beside changes of others' content": (user) => {
      chmod(user, "quiet.txt", 0o644);
      user.write("a.txt", "changed\n");
      user.remove("below");
    },
  };
  for (const [name, turn] of Object.entries(turns)) {
    await t.step(name, async () => {
      await using user = userRepository();
      user.write("quiet.txt", "x\n", 0o600);
      user.write("__proto__", "x\n", 0o600);
      await isUndone(user, () => turn(user));
      // And from an index that remembers.
      await isUndone(user, () => turn(user));
    });
  }
});

Deno.test("undo: of permissions, those that somebody gave since are kept or refused, and content does not matter", async () => {
  await using user = userRepository();
  const home = homeOf(user);
  const chmod = (path: string, bits: number) => Deno.chmodSync(join(user.root, path), bits);
  user.write("quiet.txt", "x\n", 0o600);
  const turn = () => {
    chmod("quiet.txt", 0o644);
    user.write("new.txt", "x\n");
  };
  const change = await changeOf(home, user.root, turn);
  chmod("quiet.txt", 0o640);
  const before = treeBytes(user.root);
  const refused = {
    kind: "conflicts",
    conflicts: [{ path: "quiet.txt", lines: null, why: "was given other permissions here, or is gone" }],
  };
  assert.deepEqual(await undoJob(home, [change]), refused);
  assert.deepEqual(treeBytes(user.root), before);
  user.remove("quiet.txt");
  Deno.symlinkSync("a.txt", join(user.root, "quiet.txt"));
  assert.deepEqual(await undoJob(home, [change]), refused);
  user.remove("quiet.txt");
  user.write("quiet.txt", "of the user\n", 0o644);
  const files = [{ path: "new.txt", kind: "delete" }, { path: "quiet.txt", kind: "update" }];
  assert.deepEqual(await undoJob(home, [change]), { kind: "done", files, left: [] });
  assert.match(treeBytes(user.root)["quiet.txt"] ?? "", /^600 /);
  assert.equal(user.read("quiet.txt"), "of the user\n");
  assert.deepEqual(await undoJob(home, [change]), { kind: "done", files: [], left: [] });
});

Deno.test("undo: permissions go back turn by turn, whether content changed with them or not", async () => {
  await using user = userRepository();
  const home = homeOf(user);
  const chmod = (path: string, bits: number) => Deno.chmodSync(join(user.root, path), bits);
  user.write("first.txt", "x\n", 0o600);
  user.write("gone.txt", "x\n", 0o640);
  user.write("there.txt", "x\n", 0o600);
  const before = treeBytes(user.root);
  const turns = [
    await changeOf(home, user.root, () => {
      chmod("first.txt", 0o644);
      chmod("gone.txt", 0o600);
      user.write("there.txt", "y\n", 0o664);
      user.write("made.txt", "x\n", 0o600);
    }),
    await changeOf(home, user.root, () => {
      user.write("first.txt", "y\n", 0o660);
      user.remove("gone.txt");
      user.write("there.txt", "x\n", 0o644);
      chmod("made.txt", 0o644);
    }),
  ];
  const files = await listChanges(home, await jobChange(home, turns));
  assert.deepEqual(files.map(({ path, permissions }) => [path, permissions]), [
    ["first.txt", { before: "600", after: "660" }],
    ["gone.txt", undefined],
    ["made.txt", undefined],
    ["there.txt", { before: "600", after: "644" }],
  ]);
  const outcome = await undoJob(home, turns);
  assert.equal(outcome.kind, "done", JSON.stringify(outcome));
  assert.deepEqual(treeBytes(user.root), before);
  assert.deepEqual(await undoJob(home, turns), { kind: "done", files: [], left: [] });
});

Deno.test("undo: a group's permissions on all files are nothing special", async () => {
  await using user = userRepository();
  for (const path of ["a.txt", "below/b.txt"]) Deno.chmodSync(join(user.root, path), 0o664);
  Deno.chmodSync(join(user.root, "run.sh"), 0o775);
  const [part] = (await snapshotOf(homeOf(user), user.root)).parts;
  assert.deepEqual(part?.modes, { plain: 0o664, executable: 0o775, others: {} });
  await isUndone(user, () => {
    user.remove("below");
    user.remove("run.sh");
  });
});

Deno.test("undo: what the user has changed since is merged, or nothing is done and the lines are named", async () => {
  await using user = userRepository();
  const home = homeOf(user);
  user.write("a.txt", Array.from({ length: 20 }, (_, line) => `line ${line}\n`).join(""));
  const change = await changeOf(home, user.root, () => {
    user.write("a.txt", user.read("a.txt").replace("line 3\n", "the agent's\n"));
    user.write("new.txt", "one\n");
    user.remove("below/b.txt");
  });
  user.write("a.txt", user.read("a.txt").replace("line 15\n", "the user's\n"));
  assert.equal((await undoJob(home, [change])).kind, "done");
  assert.match(user.read("a.txt"), /line 2\nline 3\nline 4\n(?:.*\n)*the user's\n/);
  assert.deepEqual(treeBytes(user.root)["new.txt"], undefined);

  const again = await changeOf(home, user.root, () => {
    user.write("a.txt", user.read("a.txt").replace("line 3\nline 4\n", "the agent's\nsecond line\n"));
    user.write("new.txt", "one\n");
    user.write("other.txt", "x\n");
    user.remove("below/b.txt");
  });
  user.write("a.txt", user.read("a.txt").replace("second line\n", "the user's too\n"));
  user.write("new.txt", "one\ntwo\n");
  user.write("below/b.txt", "made again\n");
  const before = treeBytes(user.root, { withGit: true });
  assert.deepEqual(await undoJob(home, [again]), {
    kind: "conflicts",
    conflicts: [
      { path: "a.txt", lines: "4-5", why: "was changed here too" },
      { path: "below/b.txt", lines: "1", why: "was changed here too" },
      { path: "new.txt", lines: null, why: "was changed here, and would be deleted" },
    ],
  });
  assert.deepEqual(treeBytes(user.root, { withGit: true }), before);
});

Deno.test("undo: goes back turn by turn, and leaves what the user did between them", async () => {
  await using user = userRepository();
  const home = homeOf(user);
  user.write("a.txt", Array.from({ length: 20 }, (_, line) => `line ${line}\n`).join(""));
  const edit = (from: string, to: string) => user.write("a.txt", user.read("a.txt").replace(from, to));
  const first = await changeOf(home, user.root, () => {
    edit("line 3\n", "turn 1\n");
    user.write("first.txt", "1\n");
  });
  edit("line 10\n", "the user's\n");
  user.write("users.txt", "x\n");
  const second = await changeOf(home, user.root, () => {
    edit("turn 1\n", "turn 2\n");
    edit("line 17\n", "turn 2 too\n");
    user.write("first.txt", "2\n");
    user.write("second.txt", "2\n");
  });
  const outcome = await undoJob(home, [first, second]);
  assert.deepEqual(outcome, {
    kind: "done",
    files: [
      { path: "a.txt", kind: "update" },
      { path: "first.txt", kind: "delete" },
      { path: "second.txt", kind: "delete" },
    ],
    left: [],
  });
  const expected = Array.from({ length: 20 }, (_, line) => line === 10 ? "the user's\n" : `line ${line}\n`)
    .join("");
  assert.equal(user.read("a.txt"), expected);
  assert.equal(user.read("users.txt"), "x\n");
});

Deno.test("undo: a second time changes nothing", async () => {
  await using user = userRepository();
  const home = homeOf(user);
  const turns = [];
  for (const text of ["1\n", "2\n"]) {
    turns.push(
      await changeOf(home, user.root, () => {
        user.write("a.txt", text);
        user.write("new.txt", text);
      }),
    );
  }
  const files = [{ path: "a.txt", kind: "update" }, { path: "new.txt", kind: "delete" }];
  assert.deepEqual(await undoJob(home, turns), { kind: "done", files, left: [] });
  assert.deepEqual(await undoJob(home, turns), { kind: "done", files: [], left: [] });
});

Deno.test("undo: writes through no symbolic link, and into no directory of somebody else's files", async () => {
  await using user = userRepository();
  const home = homeOf(user);
  const outside = join(user.base, "outside");
  Deno.mkdirSync(outside);
  Deno.writeTextFileSync(join(outside, "b.txt"), "outside\n");
  const removed = await changeOf(home, user.root, () => {
    user.remove("below");
    user.remove("a.txt");
  });
  Deno.symlinkSync(outside, join(user.root, "below"));
  user.write("a.txt/of/the/user", "x\n");
  const before = treeBytes(user.base);
  const outcome = await undoJob(home, [removed]);
  assert.deepEqual(outcome, {
    kind: "conflicts",
    conflicts: [
      { path: "a.txt", lines: null, why: "is a directory with files of its own" },
      { path: "below/b.txt", lines: null, why: "is below below, which is a symbolic link" },
    ],
  });
  const after = treeBytes(user.base);
  for (const path of Object.keys(after)) if (path.startsWith("state/")) delete after[path];
  for (const path of Object.keys(before)) if (path.startsWith("state/")) delete before[path];
  assert.deepEqual(after, before);
});

Deno.test("undo: nested repositories too, and what is known by size and time alone is named", async () => {
  await using user = userRepository();
  const nested = repositoryAt({ ...user, root: join(user.root, "nested") });
  Deno.mkdirSync(nested.root);
  nested.git("init", "-q");
  nested.write("n.txt", "n\n");
  nested.write("sub/m.txt", "m\n");
  const home = homeOf(user);
  const before = treeBytes(user.root);
  const change = await changeOf(home, user.root, () => {
    nested.write("n.txt", "changed\n");
    nested.remove("sub");
    user.write("a.txt", "changed\n");
    user.write(".env", "KEY=1\n");
  });
  const outcome = await undoJob(home, [change]);
  assert.deepEqual(outcome, {
    kind: "done",
    files: [
      { path: "a.txt", kind: "update" },
      { path: "nested/n.txt", kind: "update" },
      { path: "nested/sub/m.txt", kind: "add" },
    ],
    left: [{ path: ".env", why: "is known by size and time alone" }],
  });
  user.remove(".env");
  assert.deepEqual(treeBytes(user.root), before);
});

Deno.test("undo: in a plain directory, and in a repository whose objects are gone", async () => {
  await using user = userRepository();
  const home = homeOf(user);
  const plain = join(user.base, "plain");
  Deno.mkdirSync(plain);
  Deno.writeTextFileSync(join(plain, "x"), "x\n");
  const before = treeBytes(plain);
  const change = await changeOf(home, plain, () => {
    Deno.writeTextFileSync(join(plain, "x"), "y\n");
    Deno.writeTextFileSync(join(plain, "z"), "z\n");
  });
  assert.equal((await undoJob(home, [change])).kind, "done");
  assert.deepEqual(treeBytes(plain), before);

  const tree = treeBytes(user.root);
  const other = await changeOf(home, user.root, () => {
    user.write("a.txt", "changed\n");
    user.remove("below/b.txt");
  });
  Deno.removeSync(join(user.root, ".git"), { recursive: true });
  assert.equal((await undoJob(home, [other])).kind, "done");
  assert.deepEqual(treeBytes(user.root), tree);
});

Deno.test("undo: a hostile repository runs nothing", async () => {
  await using user = userRepository();
  const hostile = hostileRepository(join(user.base, "hostile"));
  const home = homeOf(user);
  const before = treeBytes(hostile.root);
  hostile.ran();
  const change = await changeOf(home, hostile.root, () => {
    Deno.writeTextFileSync(join(hostile.root, "a.txt"), "changed\n");
    Deno.writeTextFileSync(join(hostile.root, ".gitattributes"), "* merge=planted filter=planted\n");
  });
  Deno.writeTextFileSync(join(hostile.root, "a.txt"), "changed\nby the user\n");
  assert.equal((await undoJob(home, [change])).kind, "conflicts");
  Deno.writeTextFileSync(join(hostile.root, "a.txt"), "changed\n");
  assert.equal((await undoJob(home, [change])).kind, "done");
  assert.deepEqual(treeBytes(hostile.root), before);
  assert.deepEqual(hostile.ran(), []);
});
