/**
 * Tests of room `cli`: edits of one table of Codex's configuration that keep every other byte.
 *
 * @module
 */
import assert from "node:assert/strict";
import { parse } from "smol-toml";
import { hasTomlTable, removeTomlTable, setTomlTable } from "../../src/cli/hosts/toml_edit.ts";

const PATH = ["mcp_servers", "agent-async"];
const SERVER = { command: "/opt/a b/agent-async", args: ["mcp"], tool_timeout_sec: 120 };

const BUSY = `# top
model = "x"   # trailing
notes = """
[mcp_servers.agent-async]
command = "in a string"
"""
path = 'C:\\dir' # [not.a.table]

[mcp_servers.other] # the other
command = "foo"
args = [
  "]", # [mcp_servers.agent-async]
  'b',
]
[mcp_servers.other.env]
A = "1"

# about projects
[projects."/work/a.b"]
trust_level = "trusted"
[[profiles]]
name = "p"
`;

for (
  const [layout, before] of Object.entries({
    "busy": BUSY,
    "empty": "",
    "carriage returns": "a = 1\r\n\r\n[b]\r\nc = 2\r\n",
    "no last newline": "a = 1",
    "no last newline, carriage returns": "[b]\r\nc = 2",
  })
) {
  Deno.test(`edit of TOML, ${layout}: a table is added and removed without a trace`, () => {
    const after = setTomlTable(before, PATH, SERVER);
    assert.ok(after.startsWith(before));
    assert.deepEqual({ ...parse(after)["mcp_servers"] as object }, {
      ...parse(before)["mcp_servers"] as object | undefined,
      "agent-async":
        parse(`v = { command = "/opt/a b/agent-async", args = ["mcp"], tool_timeout_sec = 120 }`)["v"],
    });
    assert.equal(/[^\r]\n/.test(after), !before.includes("\r"));
    assert.equal(removeTomlTable(after, PATH), before);
  });
}

Deno.test("edit of TOML: keys are replaced in their place and added behind the last one", () => {
  const before =
    `[mcp_servers.agent-async] # ours\ncommand = "old" # path\nargs = [\n  "mcp", # one\n]\n\n# next\n[tui]\na = 1\n`;
  assert.equal(
    setTomlTable(before, PATH, { command: "new", args: ["mcp"], tool_timeout_sec: 120 }),
    `[mcp_servers.agent-async] # ours\ncommand = "new" # path\nargs = ["mcp"]\ntool_timeout_sec = 120\n\n# next\n[tui]\na = 1\n`,
  );
});

Deno.test("edit of TOML: variables go into the sub-table that is there, or into an inline table", () => {
  const before =
    `[mcp_servers.agent-async]\ncommand = "c"\n\n[mcp_servers.agent-async.env]\nA = "1"\n\n[z]\n`;
  assert.equal(
    setTomlTable(before, PATH, { env: { A: "2", "B.C": "3" } }),
    `[mcp_servers.agent-async]\ncommand = "c"\n\n[mcp_servers.agent-async.env]\nA = "2"\n"B.C" = "3"\n\n[z]\n`,
  );
  assert.equal(removeTomlTable(before, PATH), "[z]\n");
  assert.equal(
    setTomlTable("", ["a"], { env: { B: '\x7f\u0001"' } }),
    `[a]\nenv = { B = "\\u007f\\u0001\\"" }\n`,
  );
});

Deno.test("edit of TOML: other spellings of a table's name are its name, other tables are not", () => {
  assert.ok(hasTomlTable(`[ mcp_servers . "agent-async" ]\n`, PATH));
  assert.ok(hasTomlTable(`[mcp_servers.'agent-async']`, PATH));
  assert.ok(!hasTomlTable(`[mcp_servers.agent-async.env]`, PATH));
  assert.ok(!hasTomlTable(`[mcp_servers]\nagent-async = { command = "c" }`, PATH));
  assert.ok(!hasTomlTable(`[mcp_servers.agent-async-2]`, PATH));
});

Deno.test("edit of TOML: comments after the table stay, for they may speak of the next one", () => {
  const before = `[a]\nb = 1\n\n[mcp_servers.agent-async]\ncommand = "c" # ours\n\n# about d\n[d]\n`;
  assert.equal(removeTomlTable(before, PATH), `[a]\nb = 1\n\n# about d\n[d]\n`);
});
