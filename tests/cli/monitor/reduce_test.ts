/**
 * Tests of the monitor's state: keys, news and what they lead to.
 *
 * @module
 */
import assert from "node:assert/strict";
import { selectedJob } from "../../../src/cli/monitor/monitor_state.ts";
import { aBrief } from "../../support/scripted_service.ts";
import { Scene, SCENE_NOW } from "./monitor_scene.ts";

const ORDER = ["7kq2m9xa", "b3c4d5e6", "c5d6e7f8", "d7e8f9g0", "e9f0g1h2", "f1g2h3j4"];

Deno.test("monitor: keys move through running, waiting and recent jobs, and stay at the ends", () => {
  const scene = Scene.full(80, 24);
  const walk = (...keys: string[]) => keys.map((key) => scene.press(key).state.selected);
  assert.deepEqual(walk("up", "down", "j", "down", "right"), [...ORDER.slice(0, 5)]);
  assert.deepEqual(walk("G", "down", "k", "g", "left"), [ORDER[5], ORDER[5], ORDER[4], ORDER[0], ORDER[0]]);
});

Deno.test("monitor: a job stays selected when it moves; when it is gone, its neighbour is", () => {
  const scene = Scene.full(80, 24);
  const [first, second] = [scene.state.running[0] ?? aBrief(), scene.state.running[1] ?? aBrief()];
  const ended = { ...first, status: "done" as const, finished_at: "2026-01-01T00:09:59.000Z" };
  scene.press("enter").jobs({ running: [second], finished: [ended] });
  assert.deepEqual([scene.state.selected, scene.state.isOpen], [first.job_id, true]);
  scene.jobs({ running: [second], pending: [], finished: [] });
  assert.deepEqual([scene.state.selected, scene.state.isOpen], [second.job_id, false]);
  scene.jobs({ running: [], pending: [], finished: [] });
  assert.equal(scene.state.selected, null);
  scene.press("enter", "c", "r", "page_up", "down");
  assert.deepEqual([scene.state.mode, scene.effects], [{ kind: "browse" }, []]);
});

Deno.test("monitor: cancel asks; only y does it, only n and escape close the question", () => {
  const scene = Scene.full(80, 24).press("c", "x", "enter");
  assert.deepEqual(scene.state.mode, { kind: "confirm_cancel", jobId: "7kq2m9xa" });
  scene.press("n");
  assert.deepEqual([scene.state.mode, scene.effects], [{ kind: "browse" }, []]);
  scene.press("c", "escape", "c", "y");
  assert.deepEqual(scene.effects, [{ type: "cancel", jobId: "7kq2m9xa" }]);
  assert.match(scene.screen, /is being cancelled/);
  scene.press("c");
  assert.deepEqual(scene.state.mode, { kind: "browse" });
  scene.act({ type: "cancel_ended", jobId: "7kq2m9xa" });
  assert.doesNotMatch(scene.screen, /is being cancelled/);
});

Deno.test("monitor: a job that has ended is not asked about", () => {
  const scene = Scene.full(80, 24).press("G", "c");
  assert.deepEqual(scene.state.mode, { kind: "browse" });
  assert.match(scene.screen, /Job f1g2h3j4 has already ended\./);
});

Deno.test("monitor: a reply is typed, pasted, edited and sent; an empty one is not, escape gives it up", () => {
  const scene = Scene.full(80, 24).press("r").type("now q and c");
  scene.press("backspace", { kind: "paste", text: "do\r\nthis" }, "home").type("> ").press("enter");
  assert.deepEqual(scene.effects, [{ type: "reply", jobId: "7kq2m9xa", prompt: "> now q and do\nthis" }]);
  scene.press("r").type("  ").press("enter", "r").type("x").press("escape");
  assert.deepEqual([scene.effects.length, scene.state.mode], [1, { kind: "browse" }]);
});

Deno.test("monitor: changes are taken over, back and away after a yes alone", () => {
  for (const [key, action] of [["A", "apply"], ["U", "undo"], ["D", "discard"]] as const) {
    const scene = Scene.full(80, 24).press(key);
    assert.deepEqual([scene.state.mode, scene.effects], [{ kind: "browse" }, []]);
    assert.match(scene.screen, /Job 7kq2m9xa has not ended yet\./);
    scene.press("right", "right", "right", key, "x", "enter");
    assert.deepEqual(scene.state.mode, { kind: "confirm_work", jobId: "d7e8f9g0", action });
    assert.match(scene.screen, /job d7e8f9g0 [^]*\? y yes {2}n no/);
    scene.press("n", key, "escape");
    assert.deepEqual([scene.state.mode, scene.effects], [{ kind: "browse" }, []]);
    scene.press(key, "y");
    assert.deepEqual(scene.effects, [{ type: "work", jobId: "d7e8f9g0", action }]);
    assert.deepEqual(scene.state.mode, { kind: "browse" });
  }
});

Deno.test("monitor: what an ended job changed is shown in place of its transcript, from its top, and d goes back", () => {
  const scene = Scene.full(80, 24).press("d");
  assert.deepEqual(scene.effects, []);
  assert.match(scene.screen, /Job 7kq2m9xa has not ended yet\./);
  scene.press("right", "right", "right").read("said\n").press("d");
  assert.deepEqual(scene.effects, [{ type: "diff", jobId: "d7e8f9g0" }]);
  const text = Array.from({ length: 40 }, (_, n) => `file-${n}.ts  added  +1 -0\n`).join("");
  scene.act({ type: "changes_found", jobId: "e9f0g1h2", text });
  assert.match(scene.screen, /said/, "of a job that is not selected any more");
  scene.act({ type: "changes_found", jobId: "d7e8f9g0", text });
  assert.match(scene.screen, /file-0\.ts {2}added {2}\+1 -0/);
  assert.doesNotMatch(scene.screen, /said/);
  scene.press("enter", "G");
  assert.match(scene.screen, /file-39\.ts/);
  scene.press("escape");
  assert.deepEqual([scene.state.changes, scene.state.isOpen], [null, true]);
  assert.match(scene.screen, /said/);
  scene.act({ type: "changes_found", jobId: "d7e8f9g0", text }).press("d");
  assert.equal(scene.state.changes, null);
  scene.act({ type: "changes_found", jobId: "d7e8f9g0", text }).press("right");
  assert.equal(scene.state.changes, null);
});

Deno.test("monitor: where the list fills the screen, the job is opened for what it changed", () => {
  const scene = Scene.full(80, 12).press("G");
  scene.act({ type: "changes_found", jobId: "f1g2h3j4", text: "a.ts  added  +1 -0\n" });
  assert.match(scene.screen, /a\.ts {2}added/);
  assert.equal(scene.state.isOpen, true);
});

Deno.test("monitor: a filter works while it is typed; escape takes it back, and then away", () => {
  const scene = Scene.full(80, 24).press("/").type("codex PARSER");
  assert.deepEqual([selectedJob(scene.state)?.job_id, scene.screen.includes("7kq2m9xa")], [
    "e9f0g1h2",
    false,
  ]);
  scene.press("enter");
  assert.match(scene.screen, /filter: codex PARSER/);
  scene.press("/").type("zzz");
  assert.match(scene.screen, /No job matches codex PARSERzzz/);
  scene.press("escape");
  assert.equal(scene.state.filter, "codex PARSER");
  scene.press("escape");
  assert.deepEqual([scene.state.filter, scene.screen.includes("7kq2m9xa")], ["", true]);
});

Deno.test("monitor: a transcript is followed until one scrolls up, and again at its end", () => {
  const text = (from: number, to: number) => {
    return Array.from({ length: to - from }, (_, n) => `row ${from + n}\n`).join("");
  };
  const scene = Scene.full(80, 24).read(text(0, 100)).press("enter");
  const shown = () =>
    scene.lines.filter((line) => line.startsWith(" row")).map((line) => Number(line.slice(5)));
  assert.equal(shown().at(-1), 99);
  scene.press("page_up");
  const above = shown();
  assert.ok((above.at(-1) ?? 99) < 99);
  scene.act({ type: "transcript_grown", jobId: "7kq2m9xa", text: text(100, 200), isRead: true });
  assert.deepEqual(shown(), above);
  scene.press("home");
  assert.equal(shown()[0], 0);
  scene.press("end");
  assert.equal(shown().at(-1), 199);
  scene.press("up", "down").act({
    type: "transcript_grown",
    jobId: "7kq2m9xa",
    text: text(200, 201),
    isRead: true,
  });
  assert.equal(shown().at(-1), 200);
});

Deno.test("monitor: what comes of another job's transcript is not shown", () => {
  const scene = Scene.full(80, 24);
  scene.act({ type: "transcript_grown", jobId: "zzzzzzzz", text: "foreign", isRead: true });
  assert.doesNotMatch(scene.screen, /foreign/);
  scene.press("down");
  assert.doesNotMatch(scene.screen, /The parser dropped/);
});

Deno.test("monitor: a notice goes after a while, or with the next key", () => {
  const scene = Scene.full(80, 24);
  const told = { type: "told", text: "All is well.\x1b[31m", isError: false } as const;
  assert.match(scene.act(told).screen, /\n All is well\. *$/);
  scene.act({ type: "ticked", now: SCENE_NOW + 5_000 });
  assert.match(scene.screen, /All is well/);
  assert.doesNotMatch(scene.act({ type: "ticked", now: SCENE_NOW + 6_000 }).screen, /All is well/);
  assert.doesNotMatch(scene.act(told).press("down").screen, /All is well/);
});

Deno.test("monitor: Ctrl-C, Ctrl-Z and Ctrl-L work in every mode, q while browsing", () => {
  for (const keys of [[], ["r"], ["/"], ["c"], ["?"], ["enter"]]) {
    const scene = Scene.full(80, 24).press(...keys, "ctrl_z", "ctrl_l", "ctrl_c");
    assert.deepEqual(scene.effects, [{ type: "suspend" }, { type: "redraw" }, {
      type: "quit",
      isInterrupt: true,
    }]);
  }
  assert.deepEqual(Scene.full(80, 24).press("q").effects, [{ type: "quit", isInterrupt: false }]);
  assert.deepEqual(Scene.full(80, 24).press("r", "q").effects, []);
});
