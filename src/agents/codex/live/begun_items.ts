/**
 * Room `agents`: the actions of a turn that have begun and not ended. Codex's requests name an item by its id alone, or
 * not even that.
 *
 * @module
 */
import * as z from "zod";
import type { Params } from "./messages.ts";

const Begun = z.discriminatedUnion("type", [
  z.object({ type: z.literal("commandExecution"), id: z.string(), command: z.string() }),
  z.object({
    type: z.literal("fileChange"),
    id: z.string(),
    changes: z.array(z.object({
      path: z.string(),
      kind: z.union([z.string(), z.object({ type: z.string() }).transform(({ type }) => type)])
        .catch("update"),
      diff: z.string().catch(""),
    })),
  }),
  z.object({ type: z.literal("mcpToolCall"), id: z.string(), server: z.string(), tool: z.string() }),
]);
type Begun = z.infer<typeof Begun>;

export type BegunChange = Extract<Begun, { type: "fileChange" }>["changes"][number];

export class BegunItems {
  readonly #begun = new Map<string, Begun>();

  begin(item: Params): void {
    const { data } = Begun.safeParse(item);
    if (data !== undefined) this.#begun.set(data.id, data);
  }

  end(id: unknown): void {
    if (typeof id === "string") this.#begun.delete(id);
  }

  /** "" for an item that is not under way. */
  command(id: string): string {
    const item = this.#begun.get(id);
    return item?.type === "commandExecution" ? item.command : "";
  }

  changes(id: string): readonly BegunChange[] {
    const item = this.#begun.get(id);
    return item?.type === "fileChange" ? item.changes : [];
  }

  /** The item of the newest call to this server, which an elicitation is about. */
  mcpCall(server: string): string | undefined {
    return this.#newestCall(server)?.id;
  }

  mcpTool(server: string): string {
    return this.#newestCall(server)?.tool ?? "";
  }

  #newestCall(server: string) {
    return [...this.#begun.values()].findLast((item) =>
      item.type === "mcpToolCall" && item.server === server
    ) as
      | Extract<Begun, { type: "mcpToolCall" }>
      | undefined;
  }
}
