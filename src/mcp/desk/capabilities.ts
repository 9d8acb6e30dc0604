/**
 * Room `mcp`: what this server says it can do.
 *
 * @module
 */

export const CAPABILITIES = {
  tools: { listChanged: true },
  resources: { subscribe: true },
  prompts: {},
  // Claude Code's channels, a preview: declared always, delivered where the user has turned them on.
  experimental: { "claude/channel": {} },
};
