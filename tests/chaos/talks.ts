/**
 * Chaos, family "talks": the daemon is killed with -9 while it talks with agents. Whatever an agent asked is answered
 * once, whatever was said to it reached it once and whole, and every event is there once.
 *
 * @module
 */
import type { RemoteService } from "../../src/service/remote/service.ts";
import { kill, killAtCall } from "./crash_points.ts";
import type { Fault, Trial } from "./fault.ts";
import { insist } from "./observers.ts";
import { pause } from "./processes.ts";
import type { Site } from "./site.ts";
import { type TalkedJob, TalkLedger } from "./talk_ledger.ts";
import { withoutStrace } from "./tampering.ts";

/** Ms in which every talk of a round must come to its end. */
const END_MS = 120_000;

/** Bytes of what is called a long line. */
const LONG = 950_000;

interface Attack {
  (site: Site, trial: Trial, ledger: TalkLedger): Promise<void>;
}

function underTalk(
  name: string,
  attack: Attack,
  { cannot, isLong = false }: { cannot?: () => string | null; isLong?: boolean } = {},
): Fault {
  return {
    name,
    family: "talks",
    kind: "round",
    ...(cannot === undefined ? {} : { cannot }),
    async attempt(trial) {
      const ledger = new TalkLedger(trial);
      const { random } = trial;
      const client = ledger.site.client();
      for (let count = 1 + random.below(3); count > 0; count--) ledger.draw();
      const signal = AbortSignal.timeout(END_MS);
      const starting = Promise.all(ledger.jobs.map((job) => ledger.start(client, job)));
      const talking = starting.then(() =>
        Promise.all([
          ledger.answerAll(client, signal),
          ...ledger.jobs.map((job) => steer(ledger, client, { job, isLong, signal })),
        ])
      );
      talking.catch(() => {});
      await attack(ledger.site, trial, ledger);
      await talking;
      await ledger.settle(client, signal);
    },
  };
}

/** Says more to some of the agents while they work. */
async function steer(
  { trial: { random } }: TalkLedger,
  client: RemoteService,
  { job, isLong, signal }: { job: TalkedJob; isLong: boolean; signal: AbortSignal },
): Promise<void> {
  if (!isLong && random.below(3) > 0) return;
  const afterMs = random.below(300);
  const token = `steer-${job.token}`;
  const text = `do say ${token}${isLong ? `\n${"y".repeat(LONG)}` : ""}`;
  await pause(afterMs);
  job.steers.push(token);
  const request = {
    job_id: job.id ?? "",
    prompt: text,
    when: "now" as const,
    request_key: token,
    origin: job.origin,
  };
  const receipt = await insist(() => client.reply(request), signal);
  job.deliveries.push(receipt.delivered ?? "next");
}

export const TALK_FAULTS: readonly Fault[] = [
  underTalk("kill -9 at random moments of talks", async (site, { random }) => {
    for (let kills = 2 + random.below(6); kills > 0; kills--) {
      await pause(random.below(400));
      await kill(site.daemon());
    }
  }),
  underTalk(
    "kill -9 with questions open, and between answer and telling",
    async (site, { random }, ledger) => {
      for (let kills = 1 + random.below(4); kills > 0; kills--) {
        await ledger.answering(random.below(2) === 0 ? "asked" : "answered");
        await pause(random.below(random.pick([3, 30])));
        await kill(site.daemon());
      }
    },
  ),
  underTalk("kill -9 in the middle of a line of a megabyte", async (site, { random }, ledger) => {
    for (let kills = 1 + random.below(3); kills > 0; kills--) {
      await ledger.saying(LONG, random.below(100) / 100);
      await kill(site.daemon());
    }
  }, { isLong: true }),
  underTalk("kill -9 at the nth write of talks", async (site, { random }) => {
    for (let kills = 1 + random.below(3); kills > 0; kills--) {
      await pause(random.below(300));
      const count = 1 + random.below(random.pick([4, 20, 60]));
      const calls = random.pick(["write", "write", "pwrite64", "ftruncate", "openat"]);
      await killAtCall({ pid: await site.daemonUp(), calls, count, ms: 1_500 });
    }
  }, { cannot: withoutStrace }),
  underTalk("kill -9 while adopting talks, several times", async (site, { random }) => {
    await pause(200 + random.below(400));
    let last = site.daemon();
    await kill(last);
    for (let kills = 2 + random.below(4); kills > 0; kills--) {
      last = await site.daemonUp(last);
      await pause(random.below(200));
      await kill(last);
    }
  }),
];
