/** What is read may hold words, kinds and keys of a later version, wherever it comes from; what is written may not. */
import assert from "node:assert/strict";
import type * as z from "zod";
import { EventBody } from "../../src/domain/event/event_body.ts";
import { FeedEntry } from "../../src/domain/feed.ts";
import { Job } from "../../src/domain/job/job.ts";
import { opened } from "../../src/domain/reading/opened.ts";
import { TurnOutcome, TurnRequest } from "../../src/domain/turn/turn.ts";
import { answerOf, askedOf, METHODS } from "../../src/service/methods.ts";
import { ClientFrame, ServerFrame } from "../../src/service/wire.ts";
import { StoredHead } from "../../src/kernel/events/stored_event.ts";
import { KeyedTurn } from "../../src/store/job_store.ts";
import { LATER_KEY, laterValues, sampleOf } from "../support/later_version.ts";

/** Of the store and the job directories. */
const KEPT = { Job, FeedEntry, TurnRequest, TurnOutcome, EventBody, StoredHead, KeyedTurn };

function assertReadAsIs(name: string, schema: z.ZodType, source: z.ZodType = schema): void {
  const values = [{ what: "as this version writes it", value: sampleOf(source) }, ...laterValues(source)];
  for (const { what, value } of values) {
    const read = schema.safeParse(value);
    assert.ok(read.success, `${name}${what}: ${read.error?.message}`);
    assert.deepEqual(read.data, value, `${name}${what}`);
  }
}

for (const [name, schema] of Object.entries(KEPT)) {
  Deno.test(`${name}: unknown words, kinds and keys are read as they are, and kept`, () => {
    assertReadAsIs(name, opened(schema), schema);
  });
}

for (const [name, method] of Object.entries(METHODS)) {
  Deno.test(`${name}: an answer of a later daemon is read as it is`, () => {
    assertReadAsIs(name, answerOf(method), method.result);
  });

  Deno.test(
    `${name}: ${method.kind === "change" ? "no unknown word is taken" : "unknown words may be asked for"}`,
    () => {
      for (const { what, value } of laterValues(method.request)) {
        if (what.endsWith(LATER_KEY)) continue;
        assert.equal(askedOf(method).safeParse(value).success, method.kind !== "change", `${name}${what}`);
      }
    },
  );
}

Deno.test("frames with unknown keys, and of unknown kinds, are frames", () => {
  for (
    const frame of [
      {
        hello: { protocol: 3, version: "9.0.0", pid: 1, started_at: "2026-01-01", later_key: 1 },
        later_key: 2,
      },
      { id: 1, method: "later", params: { later_key: 1 }, later_key: 2 },
      { cancel: 1, later_key: 2 },
    ]
  ) {
    assert.ok(ClientFrame.safeParse(frame).success, JSON.stringify(frame));
  }
  for (
    const frame of [
      {
        hello: { protocol: 3, version: "9.0.0", pid: 1, started_at: "2026-01-01", later_key: 1 },
        later_key: 2,
      },
      { id: 1, result: { later_key: 1 }, later_key: 2 },
      { id: 1, error: { code: "later_code", message: "No", later_key: 1 }, later_key: 2 },
    ]
  ) {
    assert.ok(ServerFrame.safeParse(frame).success, JSON.stringify(frame));
  }
  assert.deepEqual(ClientFrame.parse({ later_kind: { a: 1 } }), { other: true });
  assert.deepEqual(ServerFrame.parse({ later_kind: { a: 1 } }), { other: true });
  for (const broken of [{}, { id: -1, method: "list" }, { hello: 1 }, [], 7]) {
    assert.ok(!ClientFrame.safeParse(broken).success, JSON.stringify(broken));
  }
});

Deno.test("what a new job is made of is closed", () => {
  for (const { what, value } of laterValues(Job)) {
    if (!what.endsWith(LATER_KEY)) assert.ok(!Job.safeParse(value).success, what);
  }
});
