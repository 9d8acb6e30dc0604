/** What is said of an argument that cannot be accepted. */
import assert from "node:assert/strict";
import * as z from "zod";
import { checkedArguments, MAX_LEVELS } from "../../src/domain/reading/checked_arguments.ts";

const Request = z.object({
  name: z.string().min(2).max(4),
  count: z.int().min(1).max(9),
  share: z.number().gt(0).lt(1),
  mode: z.enum(["any", "all"]),
  ids: z.array(z.string()).min(1).max(2),
  origin: z.object({ env: z.record(z.string(), z.string()) }),
  word: z.string().min(1, "must not be empty").optional(),
});
const GOOD = { name: "abc", count: 1, share: 0.5, mode: "any", ids: ["x"], origin: { env: {} } };

Deno.test("checkedArguments: gives what it accepts", () => {
  assert.deepEqual(checkedArguments(Request, GOOD), GOOD);
});

Deno.test("checkedArguments: refuses half of a surrogate pair, but not in a host's environment", () => {
  const env = { A: "\udcff" };
  assert.deepEqual(checkedArguments(Request, { ...GOOD, origin: { env } }).origin, { env });
  for (
    const [change, message] of [
      [{ name: "a\ud83d" }, "name: is not whole Unicode text: its character 2 is half of one (U+D83D)"],
      [
        { ids: ["x", "\udcff"] },
        "ids[1]: is not whole Unicode text: its character 1 is half of one (U+DCFF)",
      ],
    ] as const
  ) {
    assert.throws(() => checkedArguments(Request, { ...GOOD, ...change }), {
      code: "invalid_argument",
      message,
    });
  }
});

Deno.test("checkedArguments: says of each kind of fault what would be right, in plain words", () => {
  const faults: readonly (readonly [change: object, message: string])[] = [
    [{ name: undefined }, "name: is required"],
    [{ name: 3 }, "name: must be a string, not a number"],
    [{ name: null }, "name: must be a string, not null"],
    [{ name: "a" }, "name: must have at least 2 characters"],
    [{ name: "abcde" }, "name: must have at most 4 characters"],
    [{ count: 1.5 }, "count: must be a whole number"],
    [{ count: "1" }, "count: must be a number, not a string"],
    [{ count: 0 }, "count: must be at least 1"],
    [{ count: 10 }, "count: must be at most 9"],
    [{ share: 0 }, "share: must be more than 0"],
    [{ share: 1 }, "share: must be less than 1"],
    [{ mode: "some" }, "mode: must be one of any, all"],
    [{ ids: "x" }, "ids: must be an array, not a string"],
    [{ share: [0.5] }, "share: must be a number, not an array"],
    [{ ids: [] }, "ids: must not be empty"],
    [{ ids: ["x", "y", "z"] }, "ids: must have at most 2 entries"],
    [{ ids: ["x", 2] }, "ids[1]: must be a string, not a number"],
    [{ word: "" }, "word: must not be empty"],
    [{ origin: true }, "origin: must be an object, not a boolean"],
    [{ origin: { env: "A=1" } }, "origin.env: must be an object, not a string"],
  ];
  for (const [change, message] of faults) {
    assert.throws(() => checkedArguments(Request, { ...GOOD, ...change }), {
      code: "invalid_argument",
      message,
    });
  }
});

Deno.test("checkedArguments: names every fault at once, and what is given instead of arguments", () => {
  assert.throws(() => checkedArguments(Request, { ...GOOD, name: 1, count: 0 }), {
    message: "name: must be a string, not a number; count: must be at least 1",
  });
  assert.throws(() => checkedArguments(Request, "abc"), { message: "must be an object, not a string" });
});

Deno.test("arguments: what is nested too deep to be passed on is refused by name, however deep", () => {
  const schema = z.object({ given: z.record(z.string(), z.unknown()) });
  const nested = (levels: number) => {
    let value: Record<string, unknown> = {};
    for (let level = 1; level < levels; level++) value = { a: value };
    return { given: value };
  };
  assert.deepEqual(checkedArguments(schema, nested(MAX_LEVELS)), nested(MAX_LEVELS));
  for (const levels of [MAX_LEVELS + 1, 100_000]) {
    assert.throws(() => checkedArguments(schema, nested(levels)), {
      code: "invalid_argument",
      message: `given: is nested more than ${MAX_LEVELS} levels deep`,
    });
  }
});
