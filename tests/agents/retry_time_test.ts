/**
 * Tests of room `agents`: when a limit ends, and commands without their shell.
 *
 * @module
 */
import assert from "node:assert/strict";
import { durationMs, readRetryTime } from "../../src/agents/reading/retry_time.ts";
import { innerCommand } from "../../src/agents/shell_words.ts";

const SINCE = new Date(2026, 11, 31, 23, 50, 30).getTime();

Deno.test("retry time: clock times are the next of their kind, dates and durations are exact", () => {
  const times: Record<string, number | null> = {
    "try again at 12:05 AM": new Date(2027, 0, 1, 0, 5).getTime(),
    "Try again at 11:50 PM.": new Date(2026, 11, 31, 23, 50).getTime(),
    "try again at 11:49 p.m.": new Date(2027, 0, 1, 23, 49).getTime(),
    "try again at 12:00 PM": new Date(2027, 0, 1, 12, 0).getTime(),
    "resets at Jan 2nd, 2027 1:00 AM": new Date(2027, 0, 2, 1, 0).getTime(),
    "Try again at 2027-01-01T00:00:00Z": Date.UTC(2027, 0, 1),
    "Please try again in 1.5s.": SINCE + 1_500,
    "try again in 450ms": SINCE + 450,
    "try again in 1h30m": SINCE + 5_400_000,
    "try again in 2 hours, 5 minutes and 1 second": SINCE + 7_501_000,
    "resets in 1 week": SINCE + 604_800_000,
    "try again in 99999999999999999999 days": null,
    "try again at 25:99 PM": null,
    "try again at Foo 3rd, 2026 9:12 AM": null,
    "try again later": null,
    "": null,
  };
  for (const [text, time] of Object.entries(times)) assert.equal(readRetryTime(text, SINCE), time, text);
});

Deno.test("retry time: durations add up", () => {
  assert.equal(durationMs("1 day 1 hour 1 minute 1 second"), 90_061_000);
  assert.equal(durationMs("soon"), null);
});

Deno.test("shell words: the script inside of a shell, whatever its quotes", () => {
  const commands: Record<string, string> = {
    "/bin/bash -lc 'echo hi'": "echo hi",
    '/bin/zsh -lc "echo it\'s \\$HOME"': "echo it's $HOME",
    "bash -c ls": "ls",
    [`/bin/bash -lc 'a'"'"'b c'`]: "a'b c",
    "/bin/sh -c 'unclosed": "/bin/sh -c 'unclosed",
    "/bin/bash -lc 'a' b": "/bin/bash -lc 'a' b",
    "python3 -c 'print(1)'": "python3 -c 'print(1)'",
    "": "",
  };
  for (const [command, inner] of Object.entries(commands)) assert.equal(innerCommand(command), inner);
});
