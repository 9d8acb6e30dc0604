/**
 * Support for tests: what is tried with every real agent that is spoken with over ACP. The same trials for all; what
 * differs is said by {@link AcpTraits}.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { EventBody } from "../../src/domain/event/event_body.ts";
import type { AskedQuestion } from "../../src/domain/question/question.ts";
import { replayPrompt } from "../../src/domain/turn/replay.ts";
import type { Usage } from "../../src/domain/turn/usage.ts";
import { addFile, answer, cutStream, reasoning, refuse, shell, type Step, text } from "../model/scenario.ts";
import { AcpBench } from "./acp_bench.ts";
import { ACP_TRAITS, type AcpTraits, type TriedAgent } from "./acp_traits.ts";
import { eventually } from "./eventually.ts";
import { exists } from "./exists.ts";
import type { SpokenAgent } from "./spoken_agent.ts";
import { Telling } from "./telling.ts";

/** Most characters of a prompt that tells the conversation so far. */
const REPLAY_CHARS = 100_000;

const approve = ({ options }: AskedQuestion) => ({ option: optionOf(options, "allow") });
const reject = ({ options }: AskedQuestion) => ({ option: optionOf(options, "reject") });

function optionOf(options: AskedQuestion["options"], kind: "allow" | "reject"): string {
  const option = options.find((each) => each.kind === kind);
  assert.ok(option !== undefined, JSON.stringify(options));
  return option.id;
}

export function tryAcpAgent(agent: TriedAgent): void {
  const traits: AcpTraits = ACP_TRAITS[agent];

  Deno.test(`${agent} over ACP: a command, a file, an answer, usage, and a reply that knows of it`, async () => {
    await using bench = new AcpBench(agent);
    bench.script([
      answer([reasoning("hm"), text("Looking."), shell("echo hi; exit 3")]),
      addFile(`${bench.work}/a.txt`, "x\n"),
      text("All done."),
    ]);
    const prompt = "is no command here: look at @nothing, npm i @scope/pkg";
    await using turn = await bench.talk(`/help ${prompt}`, { policy: "full-auto" });
    const { exit, stderr } = await turn.ended();
    assert.deepEqual([turn.terminal, exit.code], [{ ok: true }, 0], stderr);
    const asked = JSON.stringify(bench.model.modelRequests("test").map(({ body }) => body));
    assert.ok(asked.includes(prompt), asked.slice(-2_000));
    assert.deepEqual(actions(turn), [
      [
        traits.tellsExitCodes ? "failed" : "completed",
        "echo hi; exit 3",
        traits.tellsExitCodes ? 3 : undefined,
      ],
      ["completed", [{
        path: `${bench.work}/a.txt`,
        kind: traits.tellsNewFiles === false ? "update" : "add",
      }]],
    ], JSON.stringify(turn.events));
    assert.ok(bench.has("a.txt"));
    assert.deepEqual(turn.events.filter(({ type }) => ["raw", "warning", "error"].includes(type)), []);
    assert.deepEqual(messages(turn), ["Looking.", "All done."]);
    assert.deepEqual(tokensOf(usage(turn)), traits.tokens);
    const session = turn.events.find((event) => event.type === "session");
    assert.ok(session?.type === "session");

    bench.script([text("Again.")]);
    // An agent whose sessions cannot be relied upon is told the conversation so far, in a new one: as the program does.
    const isReplayed = traits.replays === true;
    const reply = "And now?";
    const conversation = [{ prompt, events: turn.events }];
    await using next = await bench.talk(
      isReplayed ? replayPrompt(conversation, reply, REPLAY_CHARS) : reply,
      {
        policy: "full-auto",
        ...(isReplayed ? {} : { sessionId: session.session_id, sessionUsage: sessionUsage(turn) }),
      },
    );
    await next.ended();
    assert.deepEqual(next.terminal, { ok: true });
    assert.deepEqual(messages(next), ["Again."]);
    const said = bench.model.modelRequests("test").map(({ body }) => JSON.stringify(body));
    assert.match(said.findLast((body) => body.includes(reply)) ?? "", /All done\./);
    if (traits.tokens !== null && !isReplayed) {
      assert.deepEqual(tokensOf(usage(next)), {
        input: traits.tokens.input / 3,
        output: traits.tokens.output / 3,
      });
    }
  });

  Deno.test(`${agent} over ACP: asks, is allowed and is refused`, async () => {
    await using bench = new AcpBench(agent);
    bench.script([
      shell("touch shell.txt"),
      addFile(`${bench.work}/a.txt`, "x\n"),
      shell("touch never.txt"),
      text("All done."),
    ]);
    await using turn = await bench.talk("go", { policy: "ask" });
    const first = await turn.answer(approve);
    const second = await turn.answer(reject);
    // Some end their turn when they are refused, others ask on.
    await turn.until(() => turn.terminal !== null || turn.asked.length > 2, "a further question, or the end");
    if (turn.terminal === null) await turn.answer(reject);
    await turn.ended();
    assert.deepEqual(first.kind, "approval");
    assert.match(`${first.title}\n${first.detail}`, /touch shell\.txt/);
    assert.match(`${second.title}\n${second.detail}`, /a\.txt/);
    for (const { options } of turn.asked) {
      assert.deepEqual(options.map(({ kind }) => kind).sort(), ["allow", "reject"], JSON.stringify(options));
    }
    assert.deepEqual([bench.has("shell.txt"), bench.has("a.txt"), bench.has("never.txt")], [
      true,
      false,
      false,
    ]);
    const states = turn.events.flatMap((event) =>
      "state" in event && event.state !== "started" ? [event.state] : []
    );
    assert.deepEqual(states.slice(0, 2), ["completed", "declined"], JSON.stringify(turn.events));
  });

  Deno.test(`${agent} over ACP: its policies, by trying`, async () => {
    const tried: Record<string, unknown> = {};
    const probe = new AcpBench(agent);
    const policies = (probe.live.policies ?? []).filter((policy) => policy !== "ask");
    await probe[Symbol.asyncDispose]();
    for (const policy of policies) {
      await using bench = new AcpBench(agent);
      const outside = `${bench.home}/outside.txt`;
      bench.script([
        shell(`touch ${bench.work}/shell.txt`),
        addFile(`${bench.work}/inside.txt`, "x\n"),
        addFile(outside, "x\n"),
        text("done"),
      ]);
      await using turn = await bench.talk("go", { policy });
      await turn.ended();
      assert.deepEqual(turn.asked, [], policy);
      tried[policy] = {
        command: bench.has("shell.txt"),
        inside: bench.has("inside.txt"),
        outside: exists(outside),
      };
    }
    assert.deepEqual(tried, traits.reach);
  });

  Deno.test(`${agent} over ACP: an interrupted turn ends, and nothing of it is left`, async () => {
    await using bench = new AcpBench(agent);
    const command = traits.longCommand ?? "sleep 600";
    bench.script([shell(command), text("never")]);
    await using turn = await bench.talk("go", { policy: "full-auto" });
    await turn.until(() => commandRuns(turn, command), "the command to run");
    turn.apply({ kind: "interrupt" });
    await turn.ended();
    assert.ok(turn.terminal?.ok === false, JSON.stringify(turn.terminal));
    await eventually(() => !commandRuns(turn, command), { what: "the command to be gone" });
    assert.ok(!messages(turn).includes("never"));
  });

  Deno.test(`${agent} over ACP: 401, 429, 500 and a cut stream fail the turn`, async () => {
    const soon = { "retry-after": "1" };
    const failing: ((told: Telling) => Step)[] = [
      () => refuse(401),
      () => refuse(429, undefined, soon),
      () => refuse(500, undefined, soon),
      // A connection that breaks before its reader has read what came is another fault, which Kilo waits out for ever.
      (told) => () => cutStream([text("half")], { cutAfter: told.next() }),
    ];
    const reasons = await Promise.all(
      failing.map(async (fail) => {
        await using bench = new AcpBench(agent);
        await using told = new Telling(`${bench.home}/turn-1/stdout`, "half");
        bench.script(Array.from({ length: 60 }, () => fail(told)));
        await using turn = await bench.talk("go", { policy: "full-auto" });
        await turn.ended();
        return turn.terminal?.ok === false ? turn.terminal.failure.reason : "done";
      }),
    );
    const wanted = ["auth_required", "quota_exhausted", "agent_error", "agent_error"];
    assert.deepEqual(reasons, traits.failures ?? wanted);
  });
}

function actions({ events }: SpokenAgent): unknown[] {
  return events.flatMap((event): unknown[] => {
    if (event.type === "command" && event.state !== "started") {
      return [[event.state, event.command, event.exit_code]];
    }
    return event.type === "file_change" && event.state !== "started" ? [[event.state, event.changes]] : [];
  });
}

function messages({ events }: SpokenAgent): string[] {
  return events.flatMap((event) => event.type === "message" ? [event.text] : []);
}

function usage({ events }: SpokenAgent): Usage | null {
  const last = events.findLast((event) => event.type === "usage");
  return last?.type === "usage" ? last.usage : null;
}

function sessionUsage({ events }: SpokenAgent): Usage | null {
  const last: EventBody | undefined = events.findLast((event) => event.type === "usage");
  return last?.type === "usage" ? last.session_usage ?? last.usage : null;
}

function tokensOf(usage: Usage | null): AcpTraits["tokens"] {
  return usage?.input_tokens == null || usage.output_tokens === null
    ? null
    : { input: usage.input_tokens, output: usage.output_tokens };
}

function commandRuns(turn: SpokenAgent, command: string): boolean {
  return turn.leftovers().some((pid) => {
    try {
      const words = Deno.readTextFileSync(`/proc/${pid}/cmdline`).split("\0").join(" ").trim();
      return words === command.split("#")[0]?.trim();
    } catch {
      return false;
    }
  });
}
