/** What a git configuration file sets, read as git itself reads it. */
import assert from "node:assert/strict";
import { parseGitConfig, readGitConfig } from "../../src/system/files/git_config.ts";

const TEXT = `; a comment
[core] fsmonitor = ./evil ; and why
	Pager = "less -R # not a comment"   # a comment
[DIFF "My Driver"]
	textconv = a \\
  b
	command = "say \\"x\\"\\tand \\\\" trailing
	binary
[diff.Old]
	external=x
[include]
	path = other
[url "ssh://h/;#]x"]
	insteadOf = "  kept  " gone?\t
`;

Deno.test("parseGitConfig reads what git reads", async () => {
  const directory = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${directory}/config`, TEXT);
    const { stdout } = await new Deno.Command("git", {
      args: ["config", "--file", `${directory}/config`, "--no-includes", "--list", "-z"],
      cwd: directory,
    }).output();
    const listed = new TextDecoder().decode(stdout).split("\0").filter((line) => line !== "").map((line) => {
      const [key = "", ...value] = line.split("\n");
      return { key, value: value.length === 0 ? "true" : value.join("\n") };
    });
    assert.ok(listed.length > 5);
    assert.deepEqual(parseGitConfig(TEXT), listed);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});

Deno.test("readGitConfig follows every include, on condition or not, and each once", () => {
  const directory = Deno.makeTempDirSync();
  try {
    Deno.mkdirSync(`${directory}/home`);
    Deno.writeTextFileSync(
      `${directory}/config`,
      '[include]\npath=a\n[includeIf "onbranch:x"]\npath = ~/b\n',
    );
    Deno.writeTextFileSync(`${directory}/a`, "[include]\npath=config\npath=gone\n[x]\na=1\n");
    Deno.writeTextFileSync(`${directory}/home/b`, "[x]\nb\n");
    const read = readGitConfig(`${directory}/config`, { home: `${directory}/home` });
    assert.deepEqual(read.filter(({ key }) => key.startsWith("x.")), [
      { key: "x.a", value: "1" },
      { key: "x.b", value: "true" },
    ]);
    assert.deepEqual(readGitConfig(`${directory}/none`, { home: undefined }), []);
    assert.deepEqual(readGitConfig(directory, { home: undefined }), []);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});

Deno.test("parseGitConfig is total", () => {
  for (
    const text of [
      "",
      "[",
      "[x",
      "=",
      "x = 1",
      "[a]\n= 1\n",
      '[a "b]\nc=1',
      "[a]\nb = \\",
      '[a]\nb = "x\nc',
      "\0",
    ]
  ) {
    assert.ok(Array.isArray(parseGitConfig(text)), text);
  }
  assert.deepEqual(parseGitConfig("[a]\nb=x\0y\n"), [{ key: "a.b", value: "x" }]);
});
