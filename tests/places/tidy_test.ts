import assert from "node:assert/strict";
import { join } from "node:path";
import { diffPage } from "../../src/places/changes/diff_page.ts";
import { listChanges } from "../../src/places/changes/list_changes.ts";
import { storeUses, tidyStores } from "../../src/places/snapshots/tidy_stores.ts";
import { undoJob } from "../../src/places/writing/undo_job.ts";
import { changeOf, homeOf, snapshotBytes, snapshotOf } from "../support/snapshots.ts";
import { lookAtPlain } from "../../src/places/snapshots/remembered_plain.ts";
import { eventually } from "../support/eventually.ts";
import { treeBytes, type UserRepository, userRepository } from "../support/user_repository.ts";

const LATER = Date.now() + 7 * 24 * 60 * 60_000;

/** Text that does not compress away. */
function noise(kilobytes: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(kilobytes * 512));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function turns(user: UserRepository, count: number) {
  const home = homeOf(user);
  const changes = [];
  for (let turn = 0; turn < count; turn++) {
    changes.push(await changeOf(home, user.root, () => user.write("a.txt", noise(60))));
  }
  return { home, changes };
}

Deno.test("tidy: what records need stays, byte for byte, and the rest goes", async () => {
  await using user = userRepository();
  const before = treeBytes(user.root);
  const { home, changes } = await turns(user, 6);
  const kept = changes.slice(0, 1);
  const told = async () => [await listChanges(home, kept[0]!), (await diffPage(home, kept[0]!)).patch];
  const expected = await told();
  const [large] = await storeUses(home);
  await tidyStores(home, { changes: kept, snapshots: [] }, { now: Date.now() });
  assert.equal((await storeUses(home))[0]?.bytes, large?.bytes);
  user.write("b.txt", "of a turn that runs\n");
  const running = await snapshotOf(home, user.root);
  await tidyStores(home, { changes: kept, snapshots: [running] }, { now: LATER });
  const [small] = await storeUses(home);
  assert.ok((small?.bytes ?? 0) < (large?.bytes ?? 0) / 2, `${small?.bytes} of ${large?.bytes}`);
  assert.deepEqual(await told(), expected);
  assert.deepEqual(await snapshotBytes(home, running), treeBytes(user.root, { gitModes: true }));

  // The next snapshot begins from an index whose objects are gone, and is right all the same.
  await tidyStores(home, { changes: kept, snapshots: [] }, { now: LATER });
  assert.deepEqual(
    await snapshotBytes(home, await snapshotOf(home, user.root)),
    treeBytes(user.root, { gitModes: true }),
  );
  user.remove("b.txt");
  user.write("a.txt", "one\ntwo\nthree\n");
  const first = changes[0]!;
  user.write("a.txt", new TextDecoder().decode((await afterBytes(home, first)) ?? new Uint8Array()));
  assert.equal((await undoJob(home, [first])).kind, "done");
  assert.deepEqual(treeBytes(user.root), before);
});

async function afterBytes(home: ReturnType<typeof homeOf>, change: Awaited<ReturnType<typeof changeOf>>) {
  const [part] = change.parts;
  if (part === undefined) return null;
  const { bytes } = await home.git.run(["cat-file", "blob", `${part.after}:a.txt`], {
    gitDir: join(home.snapshots, `${part.store}.git`),
  });
  return bytes;
}

Deno.test("tidy: a store that nothing needs goes whole, and tells before whose it was", async () => {
  await using user = userRepository();
  const { home } = await turns(user, 1);
  assert.deepEqual((await storeUses(home)).map(({ source, isThere }) => ({ source, isThere })), [
    { source: join(user.root, ".git"), isThere: true },
  ]);
  Deno.removeSync(user.root, { recursive: true });
  assert.equal((await storeUses(home))[0]?.isThere, false);
  await tidyStores(home, { changes: [], snapshots: [] }, { now: Date.now() });
  assert.equal((await storeUses(home)).length, 1);
  await tidyStores(home, { changes: [], snapshots: [] }, { now: LATER });
  assert.deepEqual(await storeUses(home), []);
});

Deno.test("tidy: a store with a tree that cannot be read stays as it is, and the others are tidied", async () => {
  await using user = userRepository();
  await using other = userRepository();
  const { home, changes: [mine] } = await turns(user, 3);
  const theirs = await changeOf(home, other.root, () => other.write("a.txt", "theirs\n"));
  await changeOf(home, other.root, () => other.write("a.txt", noise(60)));
  const broken = {
    ...theirs,
    parts: theirs.parts.map((part) => ({ ...part, after: "0123456789".repeat(4) })),
  };
  const sizes = async () => Object.fromEntries((await storeUses(home)).map((use) => [use.source, use.bytes]));
  const before = await sizes();
  const untidied = await tidyStores(home, { changes: [mine!, broken], snapshots: [] }, { now: LATER });
  assert.deepEqual(untidied.map(({ source }) => source), [join(other.root, ".git")]);
  const after = await sizes();
  assert.ok((after[join(user.root, ".git")] ?? 0) < (before[join(user.root, ".git")] ?? 0) / 2);
  assert.equal(after[join(other.root, ".git")], before[join(other.root, ".git")]);
});

Deno.test("tidy: the remembered snapshot of a plain directory is forgotten with its objects", async () => {
  await using user = userRepository();
  const home = homeOf(user);
  const root = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "agent-async-plain-" }));
  try {
    Deno.writeTextFileSync(join(root, "a.txt"), "plain\n");
    await eventually(() => lookAtPlain(root, Date.now())?.isSettled, { what: "a file that is old enough" });
    await snapshotOf(home, root);
    await tidyStores(home, { changes: [], snapshots: [] }, { now: LATER });
    const again = await snapshotOf(home, root);
    assert.deepEqual(Object.keys(await snapshotBytes(home, again)), ["a.txt"]);
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
});
