import assert from "node:assert/strict";
import { JOB_ID_ALPHABET, JOB_ID_LENGTH, JobId } from "../../src/domain/ids.ts";
import { cryptoIds, randomId } from "../../src/system/ids.ts";

Deno.test("cryptoIds: job ids are job ids, and no two are the same", () => {
  const ids = cryptoIds({ alphabet: JOB_ID_ALPHABET, length: JOB_ID_LENGTH });
  const drawn = Array.from({ length: 2000 }, () => JobId.parse(ids.jobId()));
  assert.equal(new Set(drawn).size, drawn.length);
  assert.match(ids.uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.match(ids.token(), /^[0-9a-f]{64}$/);
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
