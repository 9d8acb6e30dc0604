/**
 * Test support: a git repository as users have them, and a harness that works in one.
 *
 * @module
 */
import { LocalHarness } from "./local_harness.ts";

/** Runs git in `cwd` with no configuration but the repository's. */
export async function git(cwd: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("git", {
    args: ["-c", "user.name=A", "-c", "user.email=a@localhost", ...args],
    cwd,
    env: { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" },
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

/** Makes a repository of `cwd` with one commit, in which `kept.txt` has two lines. */
export async function makeRepository(cwd: string): Promise<void> {
  await git(cwd, "init", "-q");
  Deno.writeTextFileSync(`${cwd}/kept.txt`, "one\ntwo\n");
  await git(cwd, "add", "-A");
  await git(cwd, "commit", "-qm", "first");
}

/** A harness whose directory is a repository as {@link makeRepository} makes it. */
export async function harnessInRepository(config: Record<string, unknown> = {}): Promise<LocalHarness> {
  const harness = await LocalHarness.start(config);
  await makeRepository(harness.state.cwd);
  return harness;
}
