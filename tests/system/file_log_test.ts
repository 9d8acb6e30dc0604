import assert from "node:assert/strict";
import { dirname } from "node:path";
import { fileLog } from "../../src/system/file_log.ts";
import { maskText } from "../../src/system/mask.ts";
import { NO_PIPES, testUnless } from "../support/skippable.ts";

const clock = { now: () => Date.UTC(2031, 0, 2, 3, 4, 5, 6), steady: () => 0 };

function withDirectory(test: (directory: string) => void): () => void {
  return () => {
    const directory = Deno.makeTempDirSync({ prefix: "agent-async-test-" });
    try {
      test(directory);
    } finally {
      Deno.removeSync(directory, { recursive: true });
    }
  };
}

Deno.test(
  "fileLog: one line of JSON per entry, mode 0600, below its level nothing",
  withDirectory((directory) => {
    const path = `${directory}/daemon.log`;
    const log = fileLog({ path, clock });
    log.debug("not kept");
    log.info("started", { jobs: 3 });
    log.error("odd", { error: new TypeError("no such thing"), big: 12n });
    const lines = Deno.readTextFileSync(path).trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(lines[0], {
      time: "2031-01-02T03:04:05.006Z",
      level: "info",
      pid: Deno.pid,
      message: "started",
      jobs: 3,
    });
    assert.match(lines[1].error, /^TypeError: no such thing\n/);
    assert.equal(lines[1].big, "12");
    assert.equal(lines.length, 2);
    assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
  }),
);

Deno.test(
  "fileLog: masks keys in messages, fields, nested fields and errors",
  withDirectory((directory) => {
    const path = `${directory}/daemon.log`;
    const secret = "abcdefghijklmnopqrstuvwxyz0123456789";
    const log = fileLog({ path, clock });
    log.warn(`calling with sk-${secret}`, {
      env: { OPENAI_API_KEY: secret, PATH: "/bin" },
      headers: [`Authorization: Bearer ${secret}`],
      apiKey: secret,
      error: new Error(`ghp_${secret} was refused`),
      request_key: "not a secret",
      input_tokens: 12,
    });
    const text = Deno.readTextFileSync(path);
    assert.doesNotMatch(text, new RegExp(secret));
    const entry = JSON.parse(text);
    assert.deepEqual(entry.env, { OPENAI_API_KEY: "***", PATH: "/bin" });
    assert.equal(entry.request_key, "not a secret");
    assert.equal(entry.input_tokens, 12);
  }),
);

Deno.test("maskText: each kind of key, and nothing of plain prose", () => {
  const secret = "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6";
  const secrets = [
    `sk-proj-${secret}`,
    `sk-ant-api03-${secret}`,
    `ghp_${secret}`,
    `github_pat_${secret}`,
    `AIzaSy${secret}`,
    `Bearer ${secret}`,
    `GEMINI_API_KEY=${secret}`,
    `GH_TOKEN="${secret}"`,
    `https://user:${secret}@host/path`,
    `eyJhbGciOiJI.${secret}.${secret}`,
  ];
  for (const text of secrets) assert.doesNotMatch(maskText(`before ${text} after`), new RegExp(secret), text);
  const prose = "The task-sk-1 token count is 12; key=value and monkey=banana, see /home/a/.codex";
  assert.equal(maskText(prose), prose);
});

Deno.test(
  "fileLog: rotates once, keeps what was before as .1",
  withDirectory((directory) => {
    const path = `${directory}/daemon.log`;
    const log = fileLog({ path, clock, maxBytes: 500 });
    for (let n = 1; n <= 12; n++) log.info(`entry ${n} ${"x".repeat(80)}`);
    const [old, now] = [Deno.readTextFileSync(`${path}.1`), Deno.readTextFileSync(path)];
    assert.match(now, /entry 12 /);
    assert.ok(old.length >= 500 && old.length < 1000);
    assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
  }),
);

Deno.test(
  "fileLog: never throws, whatever it is given and wherever it writes",
  withDirectory((directory) => {
    const log = fileLog({ path: `${directory}/missing/daemon.log`, clock });
    log.error("nobody hears this");
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    const path = `${directory}/daemon.log`;
    fileLog({ path, clock }).error("circular", circular);
    assert.match(Deno.readTextFileSync(path), /circular/);
  }),
);

testUnless(
  NO_PIPES,
  "fileLog: a pipe that somebody has put in its place gets nothing, and nobody waits for it",
  async () => {
    const path = `${Deno.makeTempDirSync({ prefix: "agent-async-test-" })}/daemon.log`;
    assert.ok((await new Deno.Command("mkfifo", { args: [path] }).output()).success);
    // Without a reader a writer would wait for ever, and the test with it.
    const reader = new Deno.Command("cat", { args: [path], stdin: "null", stdout: "piped" }).spawn();
    try {
      fileLog({ path, clock }).error("to nobody");
    } finally {
      reader.kill("SIGKILL");
      Deno.removeSync(dirname(path), { recursive: true });
    }
    assert.equal((await reader.output()).stdout.length, 0);
  },
);
