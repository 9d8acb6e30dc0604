/**
 * Tests of the monitor's screen, as text: what is shown where, at every size.
 *
 * @module
 */
import assert from "node:assert/strict";
import { DID_NOTHING } from "../../../src/domain/turn/doubts.ts";
import { paletteFor } from "../../../src/cli/monitor/palette.ts";
import { renderMonitor } from "../../../src/cli/monitor/render_monitor.ts";
import { displayWidth } from "../../../src/cli/render/width.ts";
import { aBrief } from "../../support/scripted_service.ts";
import { detailOf, Scene, SCENE_NOW } from "./monitor_scene.ts";

Deno.test("monitor: the list above the transcript of the selected job, at 80x24", () => {
  assert.equal(
    Scene.full(80, 24).screen,
    `\
 agent-async   ● 2/4 running   ○ 1 waiting                         daemon 1.2.3
────────────────────────────────────────────────────────────────────────────────
 Running
▸ ● 7kq2m9xa  codex    3 m 20 s  $ npm test -- --wat…  Make the tests pass and …
  ● b3c4d5e6  claude    1 h 2 m  quiet for 2 m 10 s,…  日本語のドキュメントを書…

 Waiting
  ○ c5d6e7f8  gemini       42 s  for job 7kq2m9xa      Review the changes

 Recent
  ✓ d7e8f9g0  codex     3 m ago  12.3 k tokens, 1 fi…  Write a changelog
  ✗ e9f0g1h2  codex     2 h ago  quota_exhausted       Port the parser to TypeS…
  ■ f1g2h3j4  codex     2 d ago  cancelled             Rename everything
── ● 7kq2m9xa codex running for 3 m 20 s ───────────────────────────── ~/site ──
 Make the tests pass and explain what was wrong with them
 $ npm test -- --watch=false · auto-edit · 1 command · 1 file · 12.3 k tokens ·…

 $ npm test
   1 failing
 [command failed (exit 1)]
 [changed /home/user/site/src/parser.ts]

 The parser dropped the last token.
 ↑↓ move  enter open  c cancel  r reply  / filter  ? help  q quit`,
  );
});

Deno.test("monitor: list and transcript side by side, at 200x60", () => {
  const lines = Scene.full(200, 60).press("j", "j", "j", "j").lines;
  assert.equal(lines.length, 60);
  assert.equal(
    lines.slice(0, 16).join("\n"),
    `\
 agent-async   ● 2/4 running   ○ 1 waiting                                                                                                           last 3 jobs: 12.4 k tokens, $0.0421   daemon 1.2.3
────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
 Running                                                                                             │ ── ✗ e9f0g1h2 codex quota_exhausted 2 h ago ──────────────────────────────────── /work/project ──
  ● 7kq2m9xa  codex    3 m 20 s  $ npm test -- --watch=false    Make the tests pass and explain wha… │  Port the parser to TypeScript
  ● b3c4d5e6  claude    1 h 2 m  quiet for 2 m 10 s, thinking   日本語のドキュメントを書いてください │  auto-edit · took 42 s · 1 command · 1 file · 15 tokens
                                                                                                     │  You have hit your usage limit.
 Waiting                                                                                             │  Wait, then continue with agent-async reply.
  ○ c5d6e7f8  gemini       42 s  for job 7kq2m9xa               Review the changes                   │
                                                                                                     │
 Recent                                                                                              │
  ✓ d7e8f9g0  codex     3 m ago  12.3 k tokens, 1 file          Write a changelog                    │
▸ ✗ e9f0g1h2  codex     2 h ago  quota_exhausted                Port the parser to TypeScript        │
  ■ f1g2h3j4  codex     2 d ago  cancelled                      Rename everything                    │
                                                                                                     │
                                                                                                     │
                                                                                                     │`,
  );
});

Deno.test("monitor: an open job has the whole screen, its prompt whole, and what to do about its error", () => {
  assert.equal(
    Scene.full(80, 14).press("G", "k", "enter").read("One line.\n").screen,
    `\
 agent-async   ● 2/4 running   ○ 1 waiting                         daemon 1.2.3
────────────────────────────────────────────────────────────────────────────────
── ✗ e9f0g1h2 codex quota_exhausted 2 h ago ─────────────────── /work/project ──
 Port the parser to TypeScript
 auto-edit · took 42 s · 1 command · 1 file · 15 tokens
 You have hit your usage limit.
 Wait, then continue with agent-async reply.
 One line.





 ↑↓ scroll  esc back  ←→ other job  c cancel  r reply  ? help  q quit`,
  );
});

Deno.test("monitor: nothing to show is said, with what to do", () => {
  const scene = new Scene(80, 24);
  assert.match(scene.screen, /connecting \.\.\. *\n[\s\S]*Asking the daemon/);
  scene.act({ type: "link", link: { kind: "up" } }).jobs({ running: [], pending: [], finished: [] });
  assert.match(scene.screen, /0\/4 running {3}○ 0 waiting[\s\S]*No jobs yet\.[\s\S]*agent-async start "/);
});

Deno.test("monitor: a lost daemon is said, and the jobs stay in sight", () => {
  const scene = Scene.full(80, 24).act({ type: "link", link: { kind: "down", why: "No daemon: \x1b[1mx" } });
  assert.match(scene.screen, /reconnecting \.\.\. *\n── No daemon: x ─{64}\n[\s\S]*7kq2m9xa/);
});

Deno.test("monitor: on a narrow screen the header leaves out the daemon's version before the numbers", () => {
  const header = (scene: Scene) => scene.lines[0];
  assert.equal(header(Scene.full(44, 10)), " agent-async   ● 2/4 running   ○ 1 waiting");
  const lost = Scene.full(48, 10).act({ type: "link", link: { kind: "down", why: "gone" } });
  assert.equal(header(lost), " agent-async   ● 2/4 running…  reconnecting ...");
});

Deno.test("monitor: the help is whole at 80x24", () => {
  const screen = Scene.full(80, 24).press("?").screen;
  assert.doesNotMatch(screen, /…/);
  assert.match(screen, /Keys[\s\S]*ctrl-z[\s\S]*● running[\s\S]*any key goes back/);
});

Deno.test("monitor: at 40 columns the help is whole, and a job is told by its prompt", () => {
  const help = Scene.full(40, 24).press("?").screen;
  assert.doesNotMatch(help, /…/);
  assert.match(help, /Keys[\s\S]*only these words[\s\S]*quit; jobs go on[\s\S]*cancelled/);
  assert.match(Scene.full(40, 24).screen, /c5d6e7f8 +42 s {2}Review the cha/);
});

Deno.test("monitor: the footer says where one is, and has as many keys as there is room for", () => {
  const footer = (scene: Scene) => scene.lines.at(-1);
  const long = "line\n".repeat(99);
  assert.equal(
    footer(Scene.full(80, 24).read(long).press("enter", "page_up")),
    " ↑↓ scroll  esc back  ? help  q quit                not at the end: end follows",
  );
  // The end key moves through the list there.
  assert.equal(
    footer(Scene.full(80, 24).read(long).press("page_up")),
    " ↑↓ move  enter open  c cancel  ? help  q quit      not at the end: esc follows",
  );
  assert.equal(
    footer(Scene.full(40, 10).read(long).press("page_up")),
    " ↑↓ move  enter open  ? help  q quit",
  );
  assert.equal(
    footer(Scene.full(40, 10).press("/").type("codex").press("enter")),
    " ? help  q quit           filter: codex",
  );
});

Deno.test("monitor: of a notice that is too long whole sentences are shown", () => {
  const told = (columns: number) => {
    const text = "Job 7kq2m9xa is cancelled; nothing is left. Files that it wrote are still there.";
    return Scene.full(columns, 24).act({ type: "told", text, isError: false }).lines.at(-1);
  };
  assert.equal(
    told(100),
    " Job 7kq2m9xa is cancelled; nothing is left. Files that it wrote are still there.",
  );
  assert.equal(told(80), " Job 7kq2m9xa is cancelled; nothing is left.");
  assert.equal(told(40), " Job 7kq2m9xa is cancelled; nothing is …");
});

Deno.test("monitor: what is quiet since it began is not quiet for longer than it runs", () => {
  const scene = Scene.full(80, 24);
  const [job] = scene.state.running;
  assert.ok(job !== undefined);
  const began = new Date(scene.state.now - 89_600).toISOString();
  const change = { started_at: began, activity: "writing" };
  scene.jobs({ running: [{ ...job, ...change }], pending: [], finished: [] })
    .act({ type: "details", details: [detailOf(job, { ...change, last_event_at: began })] });
  assert.match(scene.screen, /1 m 29 s {2}quiet for 1 m 29 s,… {2}[^]* quiet for 1 m 29 s, writing · /);
});

Deno.test("monitor: a list that is scrolled does not begin with an empty line", () => {
  const { lines } = Scene.full(60, 7).press("j", "j");
  assert.deepEqual(lines.slice(2, 5), [
    " Waiting",
    "▸ ○ c5d6e7f8       42 s  Review the changes",
    "",
  ]);
});

Deno.test("monitor: a list that is cut does not end with a heading", () => {
  // Five rows: the heading of what runs, two that do, an empty line, and no heading of what waits.
  const { lines } = Scene.full(60, 8);
  assert.deepEqual(lines.slice(2, 7).map((line) => line.trim().split("  ")[0]), [
    "Running",
    "▸ ● 7kq2m9xa",
    "● b3c4d5e6",
    "",
    "",
  ]);
});

Deno.test("monitor: what waits is told since when its turn does, which may be younger than the job", () => {
  const scene = Scene.full(80, 24);
  const { running, pending, finished } = scene.state;
  scene.jobs({ running, pending, finished, activeSince: new Map([["c5d6e7f8", SCENE_NOW - 7_000]]) });
  assert.match(scene.screen, /○ c5d6e7f8 {2}gemini {8}7 s {2}for job/);
});

Deno.test("monitor: every line keeps to the width and the frame to the height, at any size", () => {
  for (const keys of [[], ["enter"], ["?"], ["r"], ["c"], ["/"], ["G"]]) {
    for (let columns = 1; columns <= 220; columns += columns < 40 ? 1 : 13) {
      for (const rows of [1, 2, 5, 6, 7, 12, 17, 24, 60]) {
        const scene = Scene.full(columns, rows).press(...keys);
        for (const palette of [paletteFor({ NO_COLOR: "1" }), paletteFor({})]) {
          const { lines, cursor } = renderMonitor(scene.state, palette);
          assert.equal(lines.length, rows, `${columns}x${rows}`);
          for (const line of lines) {
            assert.ok(displayWidth(line) <= columns, `${columns}x${rows} ${keys}: ${line}`);
          }
          assert.ok(cursor === null || (cursor.row < rows && cursor.column < columns), `${columns}x${rows}`);
        }
      }
    }
  }
});

Deno.test("monitor: what agents and prompts say does nothing to the terminal", () => {
  const scene = Scene.full(120, 40).read("\x1b[2J\x1b]0;title\x07evil\x9b31m\r\x7f\tx\n");
  // deno-lint-ignore no-control-regex -- control characters are what must not be there
  assert.doesNotMatch(scene.screen, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
  assert.match(scene.screen, /evil/);
});

Deno.test("monitor: the selected line is reversed as a whole, without colours of its own", () => {
  const { lines } = renderMonitor(Scene.full(80, 24).state, paletteFor({}));
  const selected = lines.find((line) => line.includes("▸")) ?? "";
  // deno-lint-ignore no-control-regex -- the sequences of colours
  assert.deepEqual(selected.match(/\x1b\[\d+m/g), ["\x1b[7m", "\x1b[27m"]);
  assert.equal(displayWidth(selected), 80);
});

Deno.test("monitor: what is typed is seen up to the cursor, however long it is", () => {
  const scene = Scene.full(40, 12).press("r").type("a".repeat(60)).type("END");
  const { lines, cursor } = renderMonitor(scene.state, paletteFor({ NO_COLOR: "1" }));
  assert.match(lines.at(-1) ?? "", /^ reply to 7kq2m9xa: ….*END$/);
  assert.deepEqual(cursor, { row: 11, column: 39 });
});

Deno.test("monitor: doubts and failed commands of the selected job", () => {
  const scene = Scene.full(120, 40);
  const evidence = { lines_added: null, lines_removed: null, commands_failed: 2, doubts: [DID_NOTHING] };
  const job = aBrief({ job_id: "d7e8f9g0", status: "done", finished_at: "2026-01-01T00:00:00.000Z" });
  scene.act({ type: "details", details: [detailOf(job, { commands_run: 3, evidence })] });
  const { screen } = scene.press("j", "j", "j");
  assert.match(screen, /3 commands · 2 failed/);
  assert.ok(screen.includes(DID_NOTHING));
});
