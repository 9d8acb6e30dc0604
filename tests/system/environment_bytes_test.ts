import assert from "node:assert/strict";
import {
  bytesOfText,
  environmentEntries,
  ownEnvironment,
  parseEnvironment,
  textOfBytes,
} from "../../src/system/processes/environment_bytes.ts";
import { seededRandom } from "../support/seeded_random.ts";
import { NOT_LINUX, testUnless } from "../support/skippable.ts";

Deno.test("environment_bytes: any bytes are text and the same bytes again, also through JSON", () => {
  const random = seededRandom(7);
  const pieces = ["a", "ü", "😀", "\u0000", "\ufeff"].map((text) => [...new TextEncoder().encode(text)]);
  for (let round = 0; round < 2_000; round++) {
    const bytes = Array.from(
      { length: random.below(9) },
      () => random.below(2) === 0 ? pieces[random.below(pieces.length)]! : [random.below(256)],
    ).flat();
    const text: string = JSON.parse(JSON.stringify(textOfBytes(new Uint8Array(bytes))));
    assert.deepEqual([...bytesOfText(text)], bytes);
  }
});

Deno.test("environment_bytes: what is UTF-8 is the text it is, with a byte order mark too", () => {
  assert.equal(textOfBytes(new TextEncoder().encode("\ufeffü😀")), "\ufeffü😀");
  // A character in two halves of three bytes each, an overlong one and a cut one are no UTF-8.
  assert.equal(textOfBytes(new Uint8Array([0xed, 0xa0, 0x80])), "\udced\udca0\udc80");
  assert.equal(textOfBytes(new Uint8Array([0xc0, 0xaf, 0xe2, 0x82])), "\udcc0\udcaf\udce2\udc82");
});

Deno.test("parseEnvironment: the first of a name counts, what is no variable is left out", () => {
  const bytes = new TextEncoder().encode("A=1\0B=x=y\0A=2\0=C:=1\0nothing\0__proto__=p\0E=\0");
  const env = parseEnvironment(bytes);
  assert.deepEqual(Object.entries(env), [["A", "1"], ["B", "x=y"], ["__proto__", "p"], ["E", ""]]);
  const entries = environmentEntries(env).map((entry) => new TextDecoder().decode(entry));
  assert.deepEqual(entries, ["A=1", "B=x=y", "__proto__=p", "E="]);
});

testUnless(
  NOT_LINUX,
  "ownEnvironment: a variable that is not UTF-8 is there, and nothing that the runtime adds",
  async () => {
    const module = new URL("../../src/system/processes/environment_bytes.ts", import.meta.url).href;
    const code = `import { ownEnvironment } from ${
      JSON.stringify(module)
    }; console.log(JSON.stringify(ownEnvironment()))`;
    const { stdout } = await new Deno.Command("/bin/sh", {
      args: [
        "-c",
        `exec env -i "ODD=$(printf 'a\\377b')" HOME="$HOME" "$0" "$@"`,
        Deno.execPath(),
        "eval",
        code,
      ],
    }).output();
    const env = JSON.parse(new TextDecoder().decode(stdout));
    assert.deepEqual(env, { ODD: "a\udcffb", HOME: Deno.env.get("HOME") });
  },
);

Deno.test("ownEnvironment: as the runtime tells it where the system does not", () => {
  // Windows, where any path of it would be somebody's file.
  assert.deepEqual(ownEnvironment(null), Deno.env.toObject());
  assert.deepEqual(ownEnvironment("/nowhere/environ"), Deno.env.toObject());
});
