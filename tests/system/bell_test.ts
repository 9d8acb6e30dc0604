/** A bell is heard whenever it was rung, and once however often. */
import assert from "node:assert/strict";
import { Bell } from "../../src/system/bell.ts";
import { within } from "../../src/system/deadline.ts";

Deno.test("a bell that rang before is heard, and several rings are heard as one", async () => {
  const bell = new Bell();
  bell.ring();
  bell.ring();
  await bell.heard();
  assert.equal(await within(20, bell.heard().then(() => "again")), null);
  const later = bell.heard().then(() => "later");
  bell.ring();
  assert.equal(await later, "later");
});
