/**
 * The bridge's part for revision 2026-07-28: requests of many clients over one line, each under an id of its own.
 *
 * @module
 */
import { isRecord } from "../../src/mcp/desk/json_rpc.ts";
import type { Message, StdioLine } from "./stdio_line.ts";

const SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId";
const VERSION = "io.modelcontextprotocol/protocolVersion";

interface Pending {
  /** The client's own. */
  readonly id: unknown;
  take(message: Message): void;
}

/** The status that HTTP wants for an error; others are answers like any. */
const STATUSES: Readonly<Record<number, number>> = {
  [-32601]: 404,
  [-32602]: 400,
  [-32020]: 400,
  [-32021]: 400,
  [-32022]: 400,
};

export class ModernBridge implements AsyncDisposable {
  readonly #line: StdioLine;
  readonly #pending = new Map<string, Pending>();
  /** The streams that are open, with what ends them. */
  readonly #streams = new Set<ReadableStreamDefaultController<Uint8Array>>();

  constructor(line: StdioLine) {
    this.#line = line;
    line.onmessage = (message) => this.#route(message);
  }

  async answer(body: Message, request: Request): Promise<Response> {
    const mismatch = headerMismatch(body, request);
    if (mismatch !== null) return json(mismatch);
    if (body.id === undefined) {
      await this.#line.send(body);
      return new Response(null, { status: 202 });
    }
    const id = `bridge-${crypto.randomUUID()}`;
    if (body.method === "subscriptions/listen") return await this.#listen(body, id);
    const { promise, resolve } = Promise.withResolvers<Message>();
    this.#pending.set(id, { id: body.id, take: resolve });
    await this.#line.send({ ...body, id });
    return json(await promise);
  }

  // deno-lint-ignore require-await -- a disposable of this kind returns a promise
  async [Symbol.asyncDispose](): Promise<void> {
    for (const controller of this.#streams) controller.close();
    this.#streams.clear();
  }

  async #listen(body: Message, id: string): Promise<Response> {
    const first = Promise.withResolvers<Message>();
    const encoder = new TextEncoder();
    let controller: ReadableStreamDefaultController<Uint8Array>;
    const stream = new ReadableStream<Uint8Array>({
      start: (given) => void (controller = given),
      cancel: async () => {
        this.#streams.delete(controller);
        this.#pending.delete(id);
        await this.#line.send({
          jsonrpc: "2.0",
          method: "notifications/cancelled",
          params: { requestId: id },
        });
      },
    });
    const take = (message: Message) => {
      first.resolve(message);
      if (!this.#streams.has(controller)) return;
      controller.enqueue(encoder.encode(`event: message\ndata: ${JSON.stringify(message)}\n\n`));
    };
    this.#streams.add(controller!);
    this.#pending.set(id, { id: body.id, take });
    await this.#line.send({ ...body, id });
    const opened = await first.promise;
    return "error" in opened
      ? json(opened)
      : new Response(stream, { headers: { "content-type": "text/event-stream" } });
  }

  #route(message: Message): void {
    if ("method" in message) {
      const meta = isRecord(message.params) ? message.params._meta : undefined;
      const id = isRecord(meta) ? meta[SUBSCRIPTION] : undefined;
      const pending = this.#pending.get(String(id));
      if (pending === undefined || !isRecord(message.params) || !isRecord(meta)) return;
      return pending.take({
        ...message,
        params: { ...message.params, _meta: { ...meta, [SUBSCRIPTION]: pending.id } },
      });
    }
    const pending = this.#pending.get(String(message.id));
    this.#pending.delete(String(message.id));
    pending?.take({ ...message, id: pending.id });
  }
}

/** What HTTP says twice must be the same both times. */
function headerMismatch(body: Message, request: Request): Message | null {
  const params = isRecord(body.params) ? body.params : {};
  const meta = isRecord(params._meta) ? params._meta : {};
  const pairs: [string, unknown][] = [
    ["mcp-protocol-version", meta[VERSION]],
    ["mcp-method", body.method],
    ["mcp-name", params.name ?? params.uri ?? params.taskId],
  ];
  const wrong = pairs.find(([name, said]) => {
    const header = request.headers.get(name);
    return header !== null && said !== undefined && header !== said;
  });
  if (wrong === undefined) return null;
  return { jsonrpc: "2.0", id: body.id, error: { code: -32020, message: `Header mismatch: ${wrong[0]}` } };
}

function json(message: Message): Response {
  const { error } = message;
  const status = isRecord(error) ? STATUSES[Number(error.code)] ?? 200 : 200;
  return Response.json(message, { status });
}
