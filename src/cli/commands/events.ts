/**
 * Room `cli`: the command `events`.
 *
 * @module
 */
import * as z from "zod";
import { EVENT_TYPES } from "../../domain/event/event.ts";
import type { EventsPage } from "../../service/read_requests.ts";
import { defineCommand } from "../command.ts";
import { printJson, printJsonLine } from "../context.ts";
import { EXIT } from "../entry/exit_code.ts";
import { eventPages } from "../jobs/follow.ts";
import { resolveJob } from "../jobs/job_reference.ts";
import { eventHeading, eventText } from "../render/event_text.ts";
import { withProgress } from "../jobs/progress_line.ts";
import { count, EventTypes, Switch, Word } from "../values.ts";

export const eventsCommand = defineCommand({
  name: "events",
  summary: "Print what an agent did, event by event",
  arguments: [{ name: "ID", summary: "a job, the beginning of its id, or last" }],
  options: [
    { flags: "-f, --follow", summary: "go on as they come, until the job has ended" },
    { flags: "-c, --cursor <seq>", summary: "only events after this number" },
    { flags: "-t, --types <list>", summary: "only these types, separated by commas", words: EVENT_TYPES },
    { flags: "--truncate <n>", summary: "cut long texts to so many characters" },
    { flags: "--json", summary: "print JSON; with --follow, a line for each event" },
  ],
  examples: [
    { line: "events last -t command,file_change", says: "What the newest job ran and changed." },
    { line: "events -f --json last", says: "A line of JSON for each event, for a program." },
  ],
  json: "{ events: [event], cursor, status, more }; with --follow a line for each event",
  input: z.object({
    id: Word,
    follow: Switch,
    cursor: count(0).default(0),
    types: EventTypes.optional(),
    truncate: count(0).default(0),
    json: Switch,
  }),
  async run(input, context) {
    const signal = context.interrupt;
    const service = await context.service();
    const jobId = await resolveJob(service, input.id, { signal });
    const { cursor, types, truncate } = input;
    const all: EventsPage["events"] = [];
    const options = { cursor, types, truncate, isFollowing: input.follow, signal };
    const { stdout } = context.io;
    const view = { style: context.style, isTerminal: stdout.isTerminal };
    const followed = eventPages(service, jobId, options);
    for await (const page of withProgress(followed, { service, jobId }, context)) {
      if (input.json && !input.follow) {
        all.push(...page.events);
        if (!page.more) await printJson(context, { ...page, events: all });
        continue;
      }
      for (const event of page.events) {
        if (input.json) await printJsonLine(context, event);
        else {
          const text = eventText(event, "full", context.style).replace(/^\n+|\n+$/g, "");
          await stdout.write(`${eventHeading(event, view)}\n${text === "" ? "" : `${text}\n`}`);
        }
      }
    }
    return EXIT.done;
  },
});
