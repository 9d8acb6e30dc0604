import assert from "node:assert/strict";
import { JOB_ID_ALPHABET, JOB_ID_LENGTH, JobId } from "../../src/domain/job/ids.ts";
import { randomId } from "../../src/system/ids.ts";

Deno.test("randomId: with the alphabet of job ids it makes job ids, and no two are the same", () => {
  const drawn = Array.from({ length: 2000 }, () => JobId.parse(randomId(JOB_ID_ALPHABET, JOB_ID_LENGTH)));
  assert.equal(new Set(drawn).size, drawn.length);
});

Deno.test("randomId: every character of an alphabet that does not divide 256 is as likely", () => {
  const counts = new Map<string, number>();
  for (const character of randomId("abcdefg", 70_000)) {
    counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  assert.deepEqual([...counts.keys()].sort().join(""), "abcdefg");
  for (const count of counts.values()) assert.ok(Math.abs(count - 10_000) < 700, `drawn ${count} times`);
});

Deno.test("randomId: refuses an alphabet without characters", () => {
  assert.throws(() => randomId("", 4), RangeError);
});
