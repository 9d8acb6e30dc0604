/**
 * Room `mcp`: the tool `codex_async_events` of the toolset `stream`: `job_events` under its old names.
 *
 * @module
 */
import * as z from "zod";
import { defineTool } from "./define_tool.ts";
import { jobEventsSpec } from "./job_events.ts";

const { types, ...others } = jobEventsSpec.input.shape;

export const codexAsyncEvents = defineTool({
  ...jobEventsSpec,
  name: "codex_async_events",
  title: "Read a Codex job's events",
  description:
    "What the agent did, step by step: messages, commands, file changes, tool calls, errors. Returns events " +
    "after cursor at once; going on with the returned cursor gives every event exactly once. " +
    "The last message of an ended job is its result. codex_async_wait waits for an end.",
  input: z.object({ ...others, event_types: types }),
  run({ event_types, ...args }, context) {
    return jobEventsSpec.run(
      { ...args, ...(event_types === undefined ? {} : { types: event_types }) },
      context,
    );
  },
});
