/**
 * The README's references are what the tools, the commands and the recorded tables say. After a change of them:
 * `deno task reference`.
 *
 * @module
 */
import assert from "node:assert/strict";
import { README, withReference } from "../support/reference.ts";

/** Bytes that somebody may be asked to read. */
const MOST_BYTES = 46_000;

Deno.test("the README's references are up to date", async () => {
  const readme = await Deno.readTextFile(README);
  assert.equal(readme, await withReference(readme), "stale: run `deno task reference`");
});

Deno.test("the README is short, and its links to itself lead somewhere", async () => {
  const readme = await Deno.readTextFile(README);
  assert.ok(new TextEncoder().encode(readme).length <= MOST_BYTES, "it has become too long");
  const headings = [...readme.matchAll(/^#+ (.*)$/gm)].map(([, text = ""]) =>
    text.toLowerCase().replace(/[^\w\- ]/g, "").replaceAll(" ", "-")
  );
  const links = [...readme.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor = ""]) => anchor);
  assert.ok(links.length > 10);
  assert.deepEqual(links.filter((anchor) => !headings.includes(anchor)), []);
});
