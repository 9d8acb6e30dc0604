import assert from "node:assert/strict";
import { conflictsBetween } from "../../src/places/changes/forecast.ts";
import { makePlace } from "../../src/places/isolation/make_place.ts";
import { packed } from "../../src/places/isolation/pack_base.ts";
import { changeInPlace, changeOf, homeOf } from "../support/snapshots.ts";
import { repositoryAt, type UserRepository, userRepository } from "../support/user_repository.ts";

const lines = (count: number) => Array.from({ length: count }, (_, line) => `line ${line}\n`).join("");

Deno.test("forecast: two jobs of one repository conflict where their lines meet, and nowhere else", async () => {
  await using user = userRepository();
  user.write("long.txt", lines(40));
  user.git("add", ".");
  user.git("commit", "-q", "-m", "long");
  const home = homeOf(user);
  const changeBy = async (job: string, turn: (inside: UserRepository) => void) => {
    const place = await makePlace(home, { job, cwd: user.root, from: "head" });
    await packed(home, job);
    return await changeInPlace(home, place, () => turn(repositoryAt({ ...user, root: place.root })));
  };
  const first = await changeBy("first000", (inside) => {
    inside.write("long.txt", lines(40).replace("line 3\n", "first\n"));
    inside.write("same.txt", "x\n");
    inside.write("both.txt", "first\n");
    inside.write("shape", "a file\n");
  });
  const second = await changeBy("second00", (inside) => {
    inside.write("long.txt", lines(40).replace("line 30\n", "second\n"));
    inside.write("same.txt", "x\n");
    inside.write("other.txt", "x\n");
  });
  const third = await changeBy("third000", (inside) => {
    inside.write("long.txt", lines(40).replace("line 3\n", "third\n"));
    inside.write("both.txt", "third\n");
    inside.write("shape/inside", "a directory\n");
  });
  assert.deepEqual(await conflictsBetween(home, first, second), []);
  assert.deepEqual(
    (await conflictsBetween(home, first, third)).map((path) => path.replace(/^shape.*/, "shape")),
    [
      "both.txt",
      "long.txt",
      "shape",
    ],
  );
  user.write("long.txt", "rewritten\n");
  const fourth = await changeOf(home, user.root, () => user.write("long.txt", "rewritten again\n"));
  assert.deepEqual(await conflictsBetween(home, first, fourth), ["long.txt"]);
  await using another = userRepository();
  const elsewhere = await changeOf(homeOf(another), another.root, () => another.write("long.txt", "x\n"));
  assert.deepEqual(await conflictsBetween(home, first, elsewhere), []);
});
