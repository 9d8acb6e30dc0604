/** Changing one value of the configuration file. */
import assert from "node:assert/strict";
import { dirname } from "node:path";
import { configSchema } from "../../src/config/config_schema.ts";
import { setConfigValue, unsetConfigValue } from "../../src/config/edit/edit_config.ts";
import { resolveConfig } from "../../src/config/resolve_config.ts";

const directories: string[] = [];
Deno.test.afterAll(() => directories.forEach((path) => Deno.removeSync(path, { recursive: true })));

function fileWith(text: string | null): string {
  const directory = Deno.makeTempDirSync({ prefix: "agent-async-config-" });
  directories.push(directory);
  const path = `${directory}/state/config.json`;
  if (text !== null) {
    Deno.mkdirSync(dirname(path), { mode: 0o700 });
    Deno.writeTextFileSync(path, text);
  }
  return path;
}

Deno.test("setConfigValue makes a private file where there is none", () => {
  const path = fileWith(null);
  setConfigValue(path, "limits.total", "8");
  assert.deepEqual(JSON.parse(Deno.readTextFileSync(path)), { limits: { total: 8 } });
  assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
});

Deno.test("setConfigValue keeps comments and everything else", () => {
  const path = fileWith(
    '{\n  // how many\n  "limits": { "total": 2 }, // here\n  "toolsets": ["jobs"],\n}\n',
  );
  setConfigValue(path, "limits.total", "8");
  assert.equal(
    Deno.readTextFileSync(path),
    '{\n  // how many\n  "limits": { "total": 8 }, // here\n  "toolsets": ["jobs"],\n}\n',
  );
  setConfigValue(path, "toolsets", "jobs,codex");
  assert.match(Deno.readTextFileSync(path), /"toolsets": \[\s*"jobs",\s*"codex"\s*\]/);
  unsetConfigValue(path, "limits.total");
  assert.match(Deno.readTextFileSync(path), /\/\/ how many\n {2}"limits": \{ ?\}, \/\/ here/);
});

Deno.test("setConfigValue changes no other byte: neither tabs nor line ends nor lists on one line", () => {
  const before = '{\r\n\t"toolsets": ["jobs"], // mine\r\n\t"limits": {\r\n\t\t"total": 2\r\n\t}\r\n}\r\n';
  const path = fileWith(before);
  setConfigValue(path, "limits.depth", "1");
  const after = Deno.readTextFileSync(path);
  assert.equal(after, before.replace('"total": 2', '"total": 2,\r\n\t\t"depth": 1'));
  unsetConfigValue(path, "limits.depth");
  assert.equal(Deno.readTextFileSync(path), before);
  const comments = fileWith("// nothing yet");
  setConfigValue(comments, "limits.total", "8");
  assert.match(Deno.readTextFileSync(comments), /^\/\/ nothing yet\n\{\n {2}"limits"/);
});

Deno.test("unsetConfigValue leaves what does not have the value as it is, also a file that is not there", () => {
  const text = '{ "limits": { "total": 2 } } // mine';
  const path = fileWith(text);
  unsetConfigValue(path, "limits.depth");
  assert.equal(Deno.readTextFileSync(path), text);
  const none = fileWith(null);
  unsetConfigValue(none, "limits.depth");
  assert.throws(() => Deno.statSync(dirname(none)), Deno.errors.NotFound);
});

Deno.test("setConfigValue leaves a link a link, and changes what it leads to", () => {
  const target = fileWith("{}");
  const path = fileWith("{}");
  Deno.removeSync(path);
  Deno.symlinkSync(target, path);
  setConfigValue(path, "limits.total", "8");
  assert.ok(Deno.lstatSync(path).isSymlink);
  assert.deepEqual(JSON.parse(Deno.readTextFileSync(target)), { limits: { total: 8 } });
});

Deno.test("setConfigValue: the state directory may be a link, as the daemon allows it", () => {
  const path = fileWith("{}");
  const link = `${dirname(dirname(path))}/link`;
  Deno.symlinkSync("state", link, { type: "dir" });
  setConfigValue(`${link}/config.json`, "limits.total", "8");
  assert.ok(Deno.lstatSync(link).isSymlink);
  assert.deepEqual(JSON.parse(Deno.readTextFileSync(path)), { limits: { total: 8 } });
});

Deno.test("setConfigValue: a file that cannot be written is named, and no fault of this program", () => {
  const path = `${fileWith("{}")}/not_a_directory/config.json`;
  assert.throws(() => setConfigValue(path, "limits.total", "8"), {
    code: "config_invalid",
    message: /not_a_directory\/config\.json: cannot be written: /,
    hint: "Nothing was changed.",
  });
});

Deno.test("setConfigValue refuses a file that has another shape or a key twice, and the name of several values", () => {
  for (const [text, message] of [["[]", /must be an object/], ['{ "limits": 5 }', /limits: /]] as const) {
    const path = fileWith(text);
    assert.throws(() => setConfigValue(path, "limits.total", "8"), { code: "config_invalid", message });
    assert.equal(Deno.readTextFileSync(path), text);
  }
  const twice = fileWith('{ "limits": { "total": 1 }, "limits": { "total": 2 } }');
  assert.throws(() => setConfigValue(twice, "limits.total", "8"), {
    code: "config_invalid",
    message: /limits\.total or what it is in stands there twice/,
  });
  assert.throws(() => setConfigValue(twice, "limits", "8"), {
    code: "invalid_argument",
    hint: "They are limits.total, limits.depth, limits.asking, limits.output_bytes.",
  });
});

Deno.test("a change that cannot be used is refused, and the file stays as it is", () => {
  const text = '{ "limits": { "total": 2 } }';
  const path = fileWith(text);
  assert.throws(
    () => setConfigValue(path, "limits.totl", "8"),
    /limits\.totl: no such key \(did you mean limits\.total/,
  );
  assert.throws(() => setConfigValue(path, "limits.total", "lots"), {
    code: "invalid_argument",
    message: 'limits.total: must be a whole number of jobs from 1 to 1000, not "lots"',
  });
  assert.equal(Deno.readTextFileSync(path), text);
  const broken = fileWith("{ oops");
  assert.throws(() => setConfigValue(broken, "limits.total", "8"), /config\.json:1:3: /);
  assert.equal(Deno.readTextFileSync(broken), "{ oops");
  const wrong = fileWith('{ "limits": { "total": 0 } }');
  assert.throws(() => setConfigValue(wrong, "limits.depth", "2"), {
    code: "config_invalid",
    message: /config\.json: limits\.total: must be/,
  });
  setConfigValue(wrong, "limits.total", "1");
});

Deno.test("a file may say where its schema is, for its editor", () => {
  const path = fileWith('{ "$schema": "./config.schema.json", "limits": { "total": 2 } }');
  setConfigValue(path, "limits.total", "3");
  const text = Deno.readTextFileSync(path);
  assert.equal(text, '{ "$schema": "./config.schema.json", "limits": { "total": 3 } }');
  const { config, origins } = resolveConfig({ file: { path, value: JSON.parse(text) }, env: {} });
  assert.deepEqual([config.limits.total, [...origins.keys()]], [3, ["limits.total"]]);
  assert.throws(
    () => resolveConfig({ file: { path, value: { $schema: 1 } }, env: {} }),
    /config\.json: \$schema: no such key/,
  );
});

Deno.test("configSchema names every key with its default and what it means", () => {
  const schema = configSchema();
  const text = JSON.stringify(schema);
  assert.match(text, /"total":\{"default":4,"description":"Jobs that run at once; 1 makes a strict queue"/);
  assert.match(text, /"additionalProperties":false/);
  assert.match(text, /"properties":\{"\$schema":\{"type":"string"/);
});
