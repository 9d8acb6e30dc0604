/** `answerFault`: which answers fit which questions. */
import assert from "node:assert/strict";
import { answerFault } from "../../src/domain/question/check_answer.ts";
import type { Answer, AskedQuestion } from "../../src/domain/question/question.ts";

const APPROVAL: AskedQuestion = {
  question_id: "1-7",
  kind: "approval",
  title: "Run a command?",
  detail: "ls",
  options: [
    { id: "yes", label: "Yes", kind: "allow" },
    { id: "no", label: "No", kind: "reject" },
  ],
};
const TEXT: AskedQuestion = { ...APPROVAL, kind: "text", options: [] };

function faultOf(question: AskedQuestion, answer: Answer): string | null {
  return answerFault(question, answer)?.message ?? null;
}

Deno.test("an option of the question answers it, alone or with words", () => {
  for (const kind of ["approval", "choice", "text"] as const) {
    assert.equal(faultOf({ ...APPROVAL, kind }, { option: "yes" }), null);
    assert.equal(faultOf({ ...APPROVAL, kind }, { option: "no", text: "use rg" }), null);
  }
});

Deno.test("an option that is not there answers nothing", () => {
  assert.equal(faultOf(APPROVAL, { option: "always" }), 'option: there is no "always"');
  assert.equal(answerFault(APPROVAL, { option: "always" })?.hint, "It can be yes (Yes), no (No).");
  assert.equal(faultOf(TEXT, { option: "yes", text: "words" }), "option: the question has no options");
});

Deno.test("words answer a question that asks for words, and no other", () => {
  assert.equal(faultOf(TEXT, { text: "blue" }), null);
  assert.equal(faultOf({ ...APPROVAL, kind: "text" }, { text: "neither" }), null);
  const only = "text: the question is answered by one of its options";
  assert.equal(faultOf(APPROVAL, { text: "yes" }), only);
  assert.equal(faultOf({ ...APPROVAL, kind: "choice" }, { text: "yes" }), only);
  assert.equal(
    faultOf(TEXT, { text: "x".repeat(20_001) }),
    "text: has 20001 characters; an answer has at most 20000",
  );
});

Deno.test("nothing and blanks answer nothing", () => {
  assert.equal(faultOf(APPROVAL, {}), "option: must be given");
  assert.equal(faultOf(TEXT, { text: "  \n" }), "text: must not be blank: the question asks for words");
});
