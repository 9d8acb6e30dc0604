/**
 * Releasing: `deno task version` prints the version, `deno task version 1.2.3` sets it in every file that names it, and
 * `deno task version --is v1.2.3` fails unless all of them agree with a tag.
 *
 * @module
 */
import { isVersion, MANIFESTS, versionIn, withVersion } from "./manifests.ts";

const TOP = new URL("../../", import.meta.url);

function main(args: readonly string[]): number {
  const found = MANIFESTS.map((path) => ({ path, text: Deno.readTextFileSync(new URL(path, TOP)) }));
  const [first, tag] = args;
  if (first === undefined || first === "--is") {
    const wanted = tag === undefined ? versionIn(found[0]?.text ?? "") : tag.replace(/^v/, "");
    const wrong = found.filter(({ text }) => versionIn(text) !== wanted);
    for (const { path, text } of wrong) console.error(`${path} says ${versionIn(text)}, not ${wanted}`);
    if (wrong.length === 0) console.log(wanted);
    return wrong.length === 0 ? 0 : 1;
  }
  if (!isVersion(first)) {
    console.error(`${first} is no version such as 1.2.3 or 1.2.3-rc.1`);
    return 2;
  }
  for (const { path, text } of found) {
    Deno.writeTextFileSync(new URL(path, TOP), withVersion(path, text, first));
  }
  console.log(`Now ${first}, in ${MANIFESTS.join(", ")}. Commit, then tag it v${first}.`);
  return 0;
}

if (import.meta.main) Deno.exit(main(Deno.args));
