/**
 * Agents as Windows has them: what cmd.exe runs, batch files of a person's own, and what npm installs behind a `.cmd`.
 * All of them are configured agents and run as whole jobs.
 */
import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { AnySite } from "../support/any_site.ts";
import { fromFileUrl } from "../support/from_file_url.ts";
import { npmProgramShim } from "../support/npm_shims.ts";
import { testUnless } from "../support/skippable.ts";

const NOT_WINDOWS = Deno.build.os === "windows" ? null : "only Windows has cmd.exe";

const PLAIN = fromFileUrl(new URL("../fixtures/agents/plain_agent.ts", import.meta.url));

/** Says what it has read, and ends with a code. */
const BATCH = "@echo off\r\nset /p line=\r\necho batch heard %line%\r\nexit /b 3\r\n";

testUnless(
  NOT_WINDOWS,
  "windows agents: a line for cmd.exe reads the prompt and is believed by its exit code",
  async () => {
    const line = { version_args: ["/d", "/c", "ver"], command: "cmd.exe" };
    await using site = new AnySite({
      prefix: "aa cmd ",
      agents: {
        line: { ...line, args: ["/d", "/v:on", "/c", "set /p line=& echo heard !line!"] },
        failing: { ...line, args: ["/d", "/c", "echo no & exit 9"] },
      },
    });
    const done = await site.ended(await site.start("hello there", "work", { agent: "line" }));
    // Wine's `set /p` drops the last letter of input without an end of line.
    assert.equal(done.status, "done");
    assert.match(done.result ?? "", /^heard hello there?\s*$/);
    const failed = await site.ended(await site.start("hello there", "work", { agent: "failing" }));
    assert.deepEqual([failed.status, failed.reason, failed.exit_code], ["error", "exit_code", 9]);
  },
);

testUnless(
  NOT_WINDOWS,
  "windows agents: a batch file of a person's own, in a directory with blanks",
  async () => {
    const directory = Deno.makeTempDirSync({ prefix: "aa batch files " });
    try {
      const command = join(directory, "my agent.cmd");
      Deno.writeTextFileSync(command, BATCH);
      await using site = new AnySite({ agents: { batch: { command } } });
      const job = await site.ended(await site.start("hello there", "work", { agent: "batch" }));
      assert.deepEqual([job.status, job.exit_code], ["error", 3], JSON.stringify(job));
      assert.match(job.output, /batch heard hello ther/);
    } finally {
      Deno.removeSync(directory, { recursive: true });
    }
  },
);

testUnless(
  NOT_WINDOWS,
  "windows agents: what npm put behind a .cmd is found by its name and run itself",
  async () => {
    const directory = Deno.makeTempDirSync({ prefix: "aa npm " });
    try {
      Deno.copyFileSync(Deno.execPath(), join(directory, "behind.exe"));
      Deno.writeTextFileSync(
        join(directory, "shimmed.cmd"),
        npmProgramShim(relative(directory, join(directory, "behind.exe"))),
      );
      const args = ["run", "--no-config", "--no-lock", "-A", PLAIN];
      await using site = new AnySite({ agents: { shimmed: { command: "shimmed", args } }, path: directory });
      // What only an agent without cmd.exe's quoting hears as it is.
      const prompt = 'a "quoted" %PATH% & | > word';
      const job = await site.ended(await site.start(prompt, "work", { agent: "shimmed" }));
      assert.deepEqual([job.status, job.result], ["done", `You said: ${prompt}`], JSON.stringify(job));
    } finally {
      Deno.removeSync(directory, { recursive: true });
    }
  },
);
