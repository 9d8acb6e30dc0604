/**
 * Room `mcp`: what this server says, in the SDK's own types of revision 2025-11-25, so that the compiler checks it.
 * Rule of this file: types only, since a front-end that loads the SDK is larger and later than one that does not.
 *
 * @module
 */
// @ts-types="@modelcontextprotocol/sdk/types"
export type {
  CallToolResult,
  GetPromptResult,
  InitializeResult,
  ReadResourceResult,
  Resource,
  ResourceTemplate,
  Task,
} from "@modelcontextprotocol/sdk/types.js";
