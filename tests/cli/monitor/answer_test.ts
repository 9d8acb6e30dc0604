/**
 * Answering in the monitor: the mark in the list, the whole question on the screen, and an answer only after it.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Question } from "../../../src/domain/question/question.ts";
import { aBrief } from "../../support/scripted_service.ts";
import { detailOf, Scene } from "./monitor_scene.ts";

const MAY_RUN: Question = {
  question_id: "1-a",
  kind: "approval",
  title: "Run rm -rf build\x1b[2J",
  detail: "rm -rf build\nin /home/user/site",
  options: [
    { id: "accept", label: "Yes, once", kind: "allow" },
    { id: "decline", label: "No", kind: "reject" },
  ],
  asked_at: "2026-01-01T00:09:00.000Z",
};

function asking(question: Question = MAY_RUN, size: [number, number] = [80, 24]): Scene {
  const { question_id, kind, title, asked_at } = question;
  const job = aBrief({ job_id: "7kq2m9xa", asking: [{ question_id, kind, title, asked_at }] });
  const { asking: _asking, ...plain } = job;
  const scene = Scene.full(...size).jobs({ running: [job] });
  return scene.act({ type: "details", details: [detailOf(plain, { questions: [question] })] });
}

Deno.test("monitor: a job that asks has a mark, says what it asks, and the footer a key for it", () => {
  const scene = asking();
  assert.match(scene.screen, /▸ ◆ 7kq2m9xa .* asks: Run rm -rf bu… /);
  assert.match(scene.lines[0] ?? "", /◆ 1 asking/);
  assert.match(scene.lines.at(-1) ?? "", / a answer /);
});

Deno.test("monitor: a shows the whole question, and takes a number, an id or a label", () => {
  for (const word of ["1", "accept", "yes, once"]) {
    const scene = asking().press("a");
    assert.deepEqual(scene.lines.slice(2, 8), [
      " Run rm -rf build",
      "   1  Yes, once (accept)",
      "   2  No (decline)",
      "",
      " | rm -rf build",
      " | in /home/user/site",
    ]);
    assert.match(scene.lines.at(-1) ?? "", /^ answer \(1-2\), esc leaves it open:/);
    scene.type(word).press("enter");
    assert.deepEqual(scene.effects, [
      { type: "answer", jobId: "7kq2m9xa", questionId: "1-a", answer: { option: "accept" } },
    ]);
    assert.equal(scene.state.mode.kind, "browse");
  }
});

Deno.test("monitor: what is no option is not sent, and escape leaves the question open", () => {
  const scene = asking().press("a").type("perhaps").press("enter");
  assert.deepEqual([scene.effects, scene.state.mode.kind], [[], "answer"]);
  scene.press("escape");
  assert.deepEqual([scene.effects, scene.state.mode.kind], [[], "browse"]);
});

Deno.test("monitor: nobody answers before the whole detail was on the screen", () => {
  const detail = Array.from({ length: 40 }, (_, n) => `line ${n + 1}`).join("\n");
  const scene = asking({ ...MAY_RUN, detail }, [80, 24]).press("a").type("1").press("enter");
  assert.deepEqual(scene.effects, []);
  assert.match(scene.screen, / \| line 30$/m);
  scene.press("enter");
  assert.match(scene.screen, / \| line 40$/m);
  assert.deepEqual(scene.effects, []);
  scene.press("up", "enter");
  assert.deepEqual(scene.effects.map(({ type }) => type), ["answer"]);
});

Deno.test("monitor: a question in words is answered in words", () => {
  const scene = asking({ ...MAY_RUN, kind: "text", options: [], detail: "" }).press("a");
  scene.type("call it build").press("enter");
  assert.deepEqual(scene.effects, [
    { type: "answer", jobId: "7kq2m9xa", questionId: "1-a", answer: { text: "call it build" } },
  ]);
});

Deno.test("monitor: a question that somebody else has answered is told so, and no answer is sent", () => {
  const scene = asking().press("a");
  const job = aBrief({ job_id: "7kq2m9xa" });
  scene.jobs({ running: [job] }).act({ type: "details", details: [detailOf(job)] });
  scene.type("1");
  assert.deepEqual([scene.effects, scene.state.mode.kind], [[], "browse"]);
  assert.match(scene.screen, /It is answered already\./);
  assert.match(scene.press("a").screen, /Job 7kq2m9xa asks nothing\./);
});
