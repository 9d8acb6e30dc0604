/**
 * The pages of `docs/` are what the tools, the commands and the recorded tables say. After a change of them:
 * `deno task reference`. Links between the pages lead somewhere.
 *
 * @module
 */
import assert from "node:assert/strict";
import { REFERENCE_PAGES, withReference } from "../support/reference.ts";

const TOP = new URL("../../", import.meta.url);

/** Lines that somebody may be asked to read before the first job. */
const MOST_README_LINES = 300;

for (const url of REFERENCE_PAGES) {
  Deno.test(`docs/${url.href.split("/").at(-1)}: its references are up to date`, async () => {
    assert.equal(await Deno.readTextFile(url), await withReference(url), "stale: run `deno task reference`");
  });
}

Deno.test("the README is short", () => {
  const lines = Deno.readTextFileSync(new URL("README.md", TOP)).trimEnd().split("\n").length;
  assert.ok(lines <= MOST_README_LINES, `it has ${lines} lines`);
});

Deno.test("every link from a page of ours to a page of ours leads somewhere", () => {
  const docs = [...Deno.readDirSync(new URL("docs/", TOP))].map(({ name }) => `docs/${name}`);
  const tops = [...Deno.readDirSync(TOP)].map(({ name }) => name).filter((name) => name.endsWith(".md"));
  const links = [...tops, ...docs].filter((name) => name.endsWith(".md")).flatMap((name) => {
    const page = new URL(name, TOP);
    return [...Deno.readTextFileSync(page).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = ""]) => target)
      .filter((target) => !/^[a-z]+:/.test(target))
      .map((target) => ({ from: name, target, url: new URL(target, page) }));
  });
  assert.ok(links.length > 20, "the links were not found");
  const broken = links.filter(({ url }) => !isThere(url)).map(({ from, target }) => `${from}: ${target}`);
  assert.deepEqual(broken, []);
});

Deno.test("every file that ARCHITECTURE.md names is there", () => {
  const text = Deno.readTextFileSync(new URL("ARCHITECTURE.md", TOP));
  const named = [...new Set([...text.matchAll(/[\w.]+(?:\/[\w.]+)*\/[\w.]+\.ts\b/g)].map(([path]) => path))];
  assert.ok(named.length > 20, "the files were not found");
  const absent = named.filter((path) => ![path, `src/${path}`].some((one) => isThere(new URL(one, TOP))));
  assert.deepEqual(absent, []);
});

/** Whether the file exists and, where the link names one, has the heading. */
function isThere(url: URL): boolean {
  let text: string;
  try {
    text = Deno.readTextFileSync(new URL(url.pathname, url));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
  if (url.hash === "") return true;
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading.toLowerCase().replace(/[^\w\- ]/g, "").replaceAll(" ", "-")
  );
  return headings.includes(decodeURIComponent(url.hash.slice(1)));
}
