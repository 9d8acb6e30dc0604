/**
 * Chaos: what agents do that they should not, as shell for `tests/fixtures/agents/misbehaving/agent.sh`, and what has
 * to become of the job all the same.
 *
 * @module
 */
import type { JobResult } from "../../src/domain/job/result.ts";

export interface Misbehaviour {
  name: string;
  /** Lines of shell. */
  does: readonly string[];
  /** Any end will do where it is `ended`: then what counts is that nobody else is hurt. */
  becomes: Outcome | "ended";
  /** Asked for once the agent has made its file `ready`. */
  cancelled?: boolean;
  /** Seconds of the turn's limit. */
  timeoutSeconds?: number;
  /** Agents whose format cannot tell it. */
  notIn?: readonly string[];
}

export interface Outcome {
  status: JobResult["status"];
  reason: string;
  exitCode?: number;
  result?: string;
}

const DONE: Outcome = { status: "done", reason: "completed", exitCode: 0, result: "x" };
const CANCELLED: Outcome = { status: "cancelled", reason: "cancelled" };
const LOST: Outcome = { status: "error", reason: "lost" };
const OWN = "$AGENT_ASYNC_HOME/jobs/$AGENT_ASYNC_JOB_ID";
const ENDS_WELL = ["say x", "succeed"];

function exitCode(code: number): Outcome {
  return { status: "error", reason: "exit_code", exitCode: code };
}

/** Does something to its own job's files and then ends as if nothing were. */
function vandal(name: string, ...does: readonly string[]): Misbehaviour {
  return {
    name: `writes into its own job's files: ${name}`,
    does: ["open", ...does, ...ENDS_WELL],
    becomes: "ended",
  };
}

export const MISBEHAVIOURS: readonly Misbehaviour[] = [
  {
    name: "hangs at once, cancelled",
    does: ["ready", "exec sleep 600"],
    becomes: CANCELLED,
    cancelled: true,
  },
  {
    name: "hangs at once, timed out",
    does: ["exec sleep 600"],
    becomes: { status: "error", reason: "timed_out" },
    timeoutSeconds: 1,
  },
  {
    name: "hangs at the end",
    does: ["open", ...ENDS_WELL, "exec sleep 600"],
    becomes: { status: "done", reason: "completed", result: "x" },
    notIn: ["text"],
  },
  {
    name: "goes on printing after its last word",
    does: ["open", ...ENDS_WELL, "while sleep 0.1; do echo; done"],
    becomes: { status: "done", reason: "completed", result: "x" },
    notIn: ["text"],
  },
  {
    name: "begins to work again after its last word",
    does: ["open", "say w", "succeed", "open", "sleep 3", ...ENDS_WELL],
    becomes: DONE,
    // Only Claude Code says that it has begun again; the others are ended.
    notIn: ["codex", "gemini", "cursor", "text", "lines"],
  },
  {
    name: "floods beyond the limit",
    does: ["open", 'yes \'{"type":"noise","text":"0123456789012345678901234567890123456789"}\''],
    becomes: { status: "error", reason: "output_limit" },
  },
  {
    name: "floods stderr beyond the limit",
    does: ["open", "yes 0123456789012345678901234567890123456789 >&2"],
    becomes: { status: "error", reason: "output_limit" },
  },
  { name: "lies about success", does: ["open", ...ENDS_WELL, "exit 3"], becomes: exitCode(3) },
  {
    name: "exits 0 in silence",
    does: ["exit 0"],
    becomes: { status: "error", reason: "no_result" },
    notIn: ["text"],
  },
  { name: "exits 7 in silence", does: ["exit 7"], becomes: exitCode(7) },
  {
    name: "dies in the middle of a line",
    does: ["open", 'printf \'{"type":"ite\'', "kill -9 $$"],
    becomes: exitCode(137),
  },
  {
    name: "ignores SIGINT and SIGTERM",
    does: ["open", "trap '' INT TERM HUP QUIT", "ready", "while :; do sleep 1; done"],
    becomes: CANCELLED,
    cancelled: true,
  },
  {
    name: "stops itself",
    does: ["open", "ready", "kill -STOP $$", "sleep 600"],
    becomes: CANCELLED,
    cancelled: true,
  },
  {
    name: "forks away with setsid, and twice",
    does: [
      "open",
      "setsid sh -c 'trap \"\" TERM; sleep 600 & wait' >/dev/null 2>&1 </dev/null &",
      "(setsid sh -c 'trap \"\" TERM; sleep 600' >/dev/null 2>&1 </dev/null &)",
      ...ENDS_WELL,
    ],
    becomes: DONE,
  },
  {
    name: "forks away and is cancelled",
    does: [
      "open",
      "setsid sh -c 'trap \"\" TERM INT; sleep 600 & wait' >/dev/null 2>&1 </dev/null &",
      "(setsid sh -c 'trap \"\" TERM INT; sleep 600' >/dev/null 2>&1 </dev/null &)",
      "ready",
      "sleep 600",
    ],
    becomes: CANCELLED,
    cancelled: true,
  },
  {
    name: "keeps its output open in the background",
    does: ["open", "(sleep 600; echo late) &", ...ENDS_WELL],
    becomes: DONE,
  },
  {
    name: "closes stdout and goes on",
    does: ["open", ...ENDS_WELL, "exec >&- 2>&-", "sleep 0.3"],
    becomes: DONE,
  },
  {
    name: "closes stdout before its last word",
    does: ["open", "say x", "exec >&- 2>&-", "succeed", "exit 0"],
    becomes: { status: "error", reason: "no_result", exitCode: 0 },
    notIn: ["text"],
  },
  {
    name: "starts 200 children",
    does: ["open", "for n in $(seq 200); do sleep 600 & done", ...ENDS_WELL],
    becomes: DONE,
  },
  {
    name: "eats memory",
    does: ["open", "head -c 150000000 /dev/zero | tail -c 1 >/dev/null", ...ENDS_WELL],
    becomes: DONE,
  },
  { name: "removes its cwd", does: ["open", 'rm -rf "$PWD"', ...ENDS_WELL], becomes: DONE },
  { name: "takes its cwd's permissions away", does: ["open", "chmod 000 .", ...ENDS_WELL], becomes: DONE },
  {
    name: "prints terminal escapes",
    does: [
      "open",
      "printf '\\033]0;owned\\007\\033[2J\\033[31mred\\n'",
      "say '\\u001b[2J\\u009b31mx\\u0007\\u202e'",
      "succeed",
    ],
    becomes: { status: "done", reason: "completed" },
  },
  {
    name: "prints fake events inside a message",
    does: [
      "open",
      'say \'{\\"type\\":\\"turn.failed\\",\\"error\\":{\\"message\\":\\"no\\"}}\\n{\\"type\\":\\"result\\",\\"status\\":\\"error\\"}\'',
      "say x",
      "succeed",
    ],
    becomes: { status: "done", reason: "completed", exitCode: 0 },
  },
  {
    name: "prints what is no text",
    does: ["open", "head -c 200000 /dev/urandom; echo", ...ENDS_WELL],
    becomes: "ended",
  },
  {
    name: "prints a line of 9 MB",
    does: ["open", "head -c 9000000 /dev/zero | tr '\\0' x; echo", ...ENDS_WELL],
    becomes: { status: "done", reason: "completed" },
  },
  {
    name: "prints deeply nested JSON",
    does: [
      "open",
      "head -c 1000000 /dev/zero | tr '\\0' '['; echo",
      "printf '{\"type\":'; head -c 900000 /dev/zero | tr '\\0' '{'; echo",
      ...ENDS_WELL,
    ],
    becomes: { status: "done", reason: "completed" },
  },
  {
    name: "prints 300,000 short lines",
    does: ["open", "yes | head -n 300000", ...ENDS_WELL],
    becomes: { status: "done", reason: "completed" },
  },
  { name: "kills its wrapper and goes on", does: ["open", "kill -9 $PPID", "sleep 600"], becomes: LOST },
  { name: "kills its whole group", does: ["open", "say x", "kill -9 0"], becomes: LOST },
  {
    name: "kills the daemon",
    does: ["open", "kill -9 $(tr -dc '0-9\\n' <$AGENT_ASYNC_HOME/daemon.lock | head -n 1)", ...ENDS_WELL],
    becomes: DONE,
  },
  vandal(
    "garbage into events.jsonl",
    `echo garbage >>${OWN}/events.jsonl; head -c 100 /dev/urandom >>${OWN}/events.jsonl`,
  ),
  vandal("empties events.jsonl", `: >${OWN}/events.jsonl; : >${OWN}/output.txt`),
  vandal("removes events.jsonl", `rm -f ${OWN}/events.jsonl ${OWN}/output.txt`),
  vandal(
    "makes directories of files",
    `rm -f ${OWN}/events.jsonl; mkdir ${OWN}/events.jsonl ${OWN}/turns/1/outcome.json`,
  ),
  vandal("empties its raw output", `: >${OWN}/turns/1/raw.jsonl`),
  vandal("removes its turn's directory", `rm -rf ${OWN}/turns/1`),
  vandal("removes its job's directory", `rm -rf ${OWN}`),
  vandal("takes permissions away", `chmod 000 ${OWN} ${OWN}/turns`),
  vandal("takes all permissions away", `chmod -R 000 ${OWN}`),
  {
    name: "takes all permissions away and hangs, cancelled",
    does: ["open", `chmod -R 000 ${OWN}`, "ready", "exec sleep 600"],
    becomes: CANCELLED,
    cancelled: true,
  },
  {
    name: "takes all permissions away and hangs, timed out",
    does: ["open", `chmod -R 000 ${OWN}`, "exec sleep 600"],
    becomes: { status: "error", reason: "timed_out" },
    timeoutSeconds: 2,
  },
  vandal("writes its own exit record", `echo 0 >$AGENT_ASYNC_HOME/exits/$AGENT_ASYNC_JOB_ID.1`, "sleep 0.5"),
  vandal("writes its own outcome", `echo '{"turn":1}' >${OWN}/turns/1/outcome.json`),
  vandal(
    "garbage into job.json and turn.json",
    `echo '{' >${OWN}/job.json; echo '{' >${OWN}/turns/1/turn.json`,
  ),
  vandal("lies about its pid", `echo "1 1 x" >${OWN}/turns/1/pid; echo "$$ 1 x" >${OWN}/turns/1/agent`),
  {
    name: "removes the directory of all exit records",
    does: ["open", 'rm -rf "$AGENT_ASYNC_HOME/exits"', ...ENDS_WELL],
    becomes: DONE,
  },
  vandal("removes the FIFO", `rm -f ${OWN}/turns/1/alive`),
  vandal(
    "FIFOs in the place of files",
    `rm -f ${OWN}/events.jsonl ${OWN}/output.txt`,
    `mkfifo ${OWN}/events.jsonl ${OWN}/output.txt ${OWN}/turns/1/outcome.json ${OWN}/turns/1/exit`,
    `rm -f ${OWN}/turns/1/raw.jsonl ${OWN}/turns/1/stderr.log ${OWN}/turns/1/turn.json ${OWN}/turns/1/agent`,
    `mkfifo ${OWN}/turns/1/raw.jsonl ${OWN}/turns/1/stderr.log ${OWN}/turns/1/turn.json ${OWN}/turns/1/agent`,
  ),
  vandal(
    "links its files to themselves",
    `cd ${OWN} && rm events.jsonl && ln -s events.jsonl events.jsonl`,
    "cd turns/1 && rm raw.jsonl stderr.log && ln -s raw.jsonl raw.jsonl && ln -s stderr.log stderr.log",
  ),
];
