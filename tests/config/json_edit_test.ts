/**
 * Tests of room `config`: edits of JSON that keep every other byte.
 *
 * @module
 */
import assert from "node:assert/strict";
import { parse } from "jsonc-parser";
import { appendJson, removeJson, setJson } from "../../src/config/edit/json_edit.ts";

const SERVER = { command: "/opt/a b/agent-async", args: ["mcp"] };
const PATH = ["mcpServers", "agent-async"];

/** Files as people and programs lay them out. */
const LAYOUTS: Record<string, string> = {
  "two spaces": '{\n  "mcpServers": {\n    "x": { "command": "y" }\n  },\n  "z": 1\n}\n',
  "four spaces, no last newline": '{\n    "mcpServers": {\n        "x": {}\n    }\n}',
  "tabs and comments": '{\n\t// servers\n\t"mcpServers": {\n\t\t"x": {} // mine\n\t} /* all */\n}\n',
  "comment before the end": '{\n  "mcpServers": {\n    "x": {}\n    // no more\n  }\n}\n',
  "trailing commas": '{\n  "mcpServers": {\n    "x": {},\n  },\n}\n',
  "one line": '{ "mcpServers": { "x": {"command":"y"} }, "z": [1] }\n',
  "dense": '{"mcpServers":{"x":{"command":"y"}},"z":[1]}',
  "carriage returns": '{\r\n  "mcpServers": {\r\n    "x": {}\r\n  }\r\n}\r\n',
  "no servers": '{\n  "theme": "dark" // mine\n}\n',
  "no servers on one line": '{ "theme": "dark" }\n',
  "brackets in strings and comments":
    '{\n  "a": "}, ]", // } ]\n  "mcpServers": {\n    "x": { "b": "// no comment" }\n  }\n}\n',
};

for (const [layout, before] of Object.entries(LAYOUTS)) {
  Deno.test(`edit of JSON, ${layout}: a server is added and removed without a trace`, () => {
    const after = setJson(before, PATH, SERVER);
    const data = parse(after);
    assert.deepEqual(data.mcpServers["agent-async"], SERVER);
    const kept = before.split("\n").map((line) => line.trim()).filter((line) => /\/\/|\/\*/.test(line));
    for (const comment of kept) assert.ok(after.includes(comment.replace(/^.*?(\/\/|\/\*)/, "$1")), comment);
    assert.equal(after.includes("\r\n"), before.includes("\r\n"));
    assert.equal(/[^\r]\n/.test(after), /[^\r]\n/.test(before));
    const servers = parse(before).mcpServers === undefined ? ["mcpServers"] : PATH;
    assert.equal(removeJson(after, servers), before);
  });
}

Deno.test("edit of JSON: a comment stays with the value that it follows", () => {
  const before = '{\n  "mcpServers": {\n    "x": {} // mine\n  } // all\n}\n';
  const after = appendJson(setJson(before, ["mcpServers", "n"], {}), ["permissions", "allow"], "p");
  assert.equal(
    after,
    '{\n  "mcpServers": {\n    "x": {}, // mine\n    "n": {}\n  }, // all\n' +
      '  "permissions": {\n    "allow": [\n      "p"\n    ]\n  }\n}\n',
  );
});

Deno.test("edit of JSON: a value is replaced in its place, and an empty file becomes an object", () => {
  const before = '{\n  "a": 1, // one\n  "b": [ 1,2 ] /* two */\n}\n';
  assert.equal(setJson(before, ["b"], ["x"]), '{\n  "a": 1, // one\n  "b": [\n    "x"\n  ] /* two */\n}\n');
  assert.equal(setJson("", ["a"], 1), '{\n  "a": 1\n}\n');
  assert.equal(setJson("{}", ["a"], 1), '{\n  "a": 1\n}');
  assert.equal(setJson("// mine\n", ["a"], 1), '// mine\n{\n  "a": 1\n}\n');
  assert.equal(setJson("/* mine */", ["a"], 1), '/* mine */\n{\n  "a": 1\n}\n');
  assert.equal(setJson("// mine", ["a"], 1), '// mine\n{\n  "a": 1\n}\n');
});

Deno.test("edit of JSON: items of lists", () => {
  const before = '{ "allow": ["a", "b"] }';
  assert.equal(appendJson(before, ["allow"], "c"), '{ "allow": ["a", "b", "c"] }');
  assert.equal(removeJson(before, ["allow"], 0), '{ "allow": ["b"] }');
  assert.equal(removeJson(before, ["allow"], 1), '{ "allow": ["a"] }');
  const lines = '{\n  "allow": [\n    "a", // first\n    "b"\n  ]\n}';
  assert.equal(removeJson(lines, ["allow"], 1), '{\n  "allow": [\n    "a" // first\n  ]\n}');
  assert.equal(removeJson(lines, ["allow"], 0), '{\n  "allow": [ // first\n    "b"\n  ]\n}');
  assert.equal(removeJson(lines, ["nothing"]), lines);
});

Deno.test("edit of JSON: what follows on the line of a removed key is not swallowed by a comment above it", () => {
  const before = '{\n\t// mine\n\t"a": {}, "x": [1, 2,]\n}';
  assert.equal(removeJson(before, ["a"]), '{\n\t// mine\n\t"x": [1, 2,]\n}');
  assert.deepEqual(parse(removeJson('{\n  "x": 1, // one\n  "a": {} }', ["a"])), { x: 1 });
  assert.deepEqual(parse(removeJson('{\n  // none\n  "a": {} }', ["a"])), {});
});
