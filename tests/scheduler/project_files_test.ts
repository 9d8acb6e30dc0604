/** Files of a project for whose sake a turn is not begun, and directories that a user may have trusted. */
import assert from "node:assert/strict";
import { claudeDriver } from "../../src/agents/claude/driver.ts";
import { codexDriver } from "../../src/agents/codex/driver.ts";
import { cursorDriver } from "../../src/agents/cursor/driver.ts";
import type { AgentDriver } from "../../src/agents/driver.ts";
import { geminiDriver } from "../../src/agents/gemini/driver.ts";
import { projectRefusal, untrustedRoots } from "../../src/scheduler/turn/project_files.ts";

class Project implements Disposable {
  readonly top = Deno.realPathSync(Deno.makeTempDirSync());
  readonly cwd = `${this.top}/below`;

  constructor() {
    Deno.mkdirSync(this.cwd);
  }

  write(path: string, text: string): void {
    Deno.mkdirSync(`${this.top}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    Deno.writeTextFileSync(`${this.top}/${path}`, text);
  }

  refusal(driver: AgentDriver, mcp: "none" | "inherit" = "none"): string | null {
    const { top, cwd } = this;
    return projectRefusal(driver, { cwd, top, mcp, env: { HOME: `${top}/home` } })?.message ?? null;
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.top, { recursive: true });
  }
}

Deno.test("projectRefusal: Cursor is refused over hooks, permissions and servers of the project", () => {
  using project = new Project();
  assert.equal(project.refusal(cursorDriver), null);
  project.write(".cursor/hooks.json", '{"version":1,"hooks":{}}');
  project.write(".cursor/cli.json", '{"permissions":{"allow":[],"deny":["Shell(rm)"]}}');
  project.write(".cursor/mcp.json", '{"mcpServers":{"x":{"command":"./evil"}}}');
  assert.equal(project.refusal(cursorDriver), null);
  assert.match(project.refusal(cursorDriver, "inherit") ?? "", /mcp\.json names MCP servers/);
  project.write("below/.cursor/cli.json", '{"permissions":{"allow":["Shell(*)"]}}');
  assert.match(project.refusal(cursorDriver) ?? "", /below\/\.cursor\/cli\.json allows commands/);
  project.write(".cursor/hooks.json", '{"hooks":{"stop":[{"command":"./evil"}]}}');
  assert.match(
    project.refusal(cursorDriver) ?? "",
    /hooks\.json names commands .*, and Cursor Agent has no option/,
  );
  project.write(".cursor/hooks.json", "{ // no JSON, but perhaps to Cursor\n}");
  assert.match(project.refusal(cursorDriver) ?? "", /hooks\.json/);
  for (const driver of [claudeDriver, codexDriver, geminiDriver]) assert.equal(project.refusal(driver), null);
});

Deno.test("projectRefusal: Gemini is refused over its project's commands only where every folder is trusted", () => {
  using project = new Project();
  project.write(".gemini/settings.json", '{"hooks":{"SessionStart":[]}}');
  assert.equal(project.refusal(geminiDriver), null);
  project.write("home/.gemini/settings.json", '{"security":{"folderTrust":{"enabled":true}}}');
  assert.equal(project.refusal(geminiDriver), null);
  project.write("home/.gemini/settings.json", '{"security":{ /* mine */ "folderTrust":{"enabled": false}}}');
  assert.match(project.refusal(geminiDriver) ?? "", /settings\.json names commands or servers/);
  project.write(".gemini/settings.json", '{"ui":{"theme":"dark"}}');
  assert.equal(project.refusal(geminiDriver), null);
});

Deno.test("untrustedRoots: nothing without settings of the project, else every directory a user may have trusted", () => {
  using project = new Project();
  const { top, cwd } = project;
  const tree = { kind: "git" as const, root: top, gitDirs: ["/main/.git", "/main/.git/worktrees/x"] };
  assert.deepEqual(untrustedRoots(codexDriver, { cwd, tree }), []);
  Deno.mkdirSync(`${top}/.codex`);
  assert.deepEqual(
    untrustedRoots(codexDriver, { cwd, tree }),
    [],
    "a sandbox left an empty directory behind",
  );
  project.write(".codex/config.toml", "");
  assert.deepEqual(untrustedRoots(codexDriver, { cwd, tree }), [cwd, top, "/main", "/main/.git/worktrees"]);
  assert.deepEqual(untrustedRoots(claudeDriver, { cwd, tree }), []);
});
