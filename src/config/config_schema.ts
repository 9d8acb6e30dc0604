/**
 * Room `config`: the JSON Schema of the configuration file, for editors.
 *
 * @module
 */
import * as z from "zod";
import { Config } from "./schema.ts";

/** Generated from the zod schema that checks the file, so that the two cannot differ. */
export function configSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(Config, { io: "input", unrepresentable: "any" });
  return {
    ...schema,
    properties: { $schema: { type: "string", description: "Where this schema is" }, ...schema.properties },
    title: "agent-async configuration",
    description:
      "config.json in the state directory of agent-async; comments and trailing commas are allowed",
  };
}
