/**
 * Room `mcp`: what this server says it can do, in the words of each revision.
 *
 * @module
 */
import { TASKS_EXTENSION } from "./modern/extensions.ts";

const IN_EVERY_REVISION = {
  tools: { listChanged: true },
  resources: { subscribe: true },
  prompts: {},
  // Claude Code's channels, a preview: declared always, delivered where the user has turned them on.
  experimental: { "claude/channel": {} },
};

/** Tasks as 2025-11-25 had them. */
const WITH_TASKS = {
  ...IN_EVERY_REVISION,
  tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } },
};

/** @param revision that was agreed with the host. */
export function capabilitiesIn(revision: string): Record<string, unknown> {
  switch (revision) {
    case "2025-11-25":
      return WITH_TASKS;
    case "2026-07-28":
      return { ...IN_EVERY_REVISION, extensions: { [TASKS_EXTENSION]: {} } };
    default:
      return IN_EVERY_REVISION;
  }
}
