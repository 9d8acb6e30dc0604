import assert from "node:assert/strict";
import { diffStat } from "../../src/cli/render/diff_text.ts";
import { styleFor } from "../../src/cli/render/style.ts";

Deno.test("diff --stat: permissions are told beside the lines of a file, and alone", () => {
  const file = { kind: "update", added: 0, removed: 0 } as const;
  const permissions = { before: "600", after: "644" };
  const text = diffStat({
    job_id: "0123abcd",
    files: [
      { path: "a.txt", ...file, permissions },
      { path: "b.txt", ...file, added: 2, permissions },
      { path: "c.txt", ...file, added: 1 },
    ],
    root: "/tmp/x",
    base: null,
    applied: true,
    conflicts_with: [],
    notes: [],
  }, styleFor({ isTerminal: false }, {}));
  assert.equal(
    text,
    [
      "a.txt  changed  +0 -0  permissions 600 to 644",
      "b.txt  changed  +2 -0  permissions 600 to 644",
      "c.txt  changed  +1 -0",
      "3 files, 3 lines added, 0 removed",
      "",
    ].join("\n"),
  );
});
