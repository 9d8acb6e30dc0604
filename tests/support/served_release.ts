/**
 * Test support: a release on loopback, whole or with a fault, and programs that stand in for ours in it.
 *
 * @module
 */
import { createHash } from "node:crypto";

export interface ServedReleaseOptions {
  readonly version: string;
  /** By name; `SHA256SUMS` and `VERSION` are made here. */
  readonly assets: Readonly<Record<string, Uint8Array>>;
}

/** What the server does instead of giving the file. */
export type Fault =
  | { readonly kind: "status"; readonly status: number }
  /** Other bytes than the checksum speaks of. */
  | { readonly kind: "other"; readonly bytes: Uint8Array }
  /** Half of it, then the connection is closed. */
  | { readonly kind: "truncated" }
  /** Half of it, then nothing. */
  | { readonly kind: "silent" }
  | { readonly kind: "redirect"; readonly to: string };

export class ServedRelease implements AsyncDisposable {
  readonly url: string;
  /** Names that were asked for, in order. */
  readonly asked: string[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #files = new Map<string, Uint8Array>();
  readonly #faults = new Map<string, Fault>();
  readonly #closing = new AbortController();

  constructor(options: ServedReleaseOptions) {
    this.publish(options);
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
      return this.#answer(new URL(request.url).pathname.slice("/latest/".length));
    });
    this.url = `http://127.0.0.1:${this.#server.addr.port}/latest`;
  }

  /** Replaces what is served, faults too. */
  publish({ version, assets }: ServedReleaseOptions): void {
    this.#files.clear();
    this.#faults.clear();
    const files = { ...assets, VERSION: new TextEncoder().encode(`${version}\n`) };
    const sums = Object.entries(files).map(([name, bytes]) => {
      return `${createHash("sha256").update(bytes).digest("hex")}  ${name}\n`;
    });
    for (const [name, bytes] of Object.entries(files)) this.#files.set(name, bytes);
    this.#files.set("SHA256SUMS", new TextEncoder().encode(sums.join("")));
  }

  fail(name: string, fault: Fault): void {
    this.#faults.set(name, fault);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#server.shutdown();
  }

  #answer(name: string): Response {
    this.asked.push(name);
    const fault = this.#faults.get(name);
    const bytes = this.#files.get(name);
    if (fault?.kind === "status") return new Response("no", { status: fault.status });
    if (fault?.kind === "redirect") {
      return new Response(null, { status: 302, headers: { location: fault.to } });
    }
    if (bytes === undefined) return new Response("no such file", { status: 404 });
    if (fault?.kind === "other") return new Response(fault.bytes.slice());
    if (fault === undefined) return new Response(bytes.slice());
    const half = bytes.slice(0, Math.ceil(bytes.length / 2));
    const closing = this.#closing.signal;
    return new Response(
      new ReadableStream({
        start(controller) {
          controller.enqueue(half);
          if (fault.kind === "truncated") controller.close();
          else closing.addEventListener("abort", () => controller.close(), { once: true });
        },
      }),
      { headers: { "content-length": String(bytes.length) } },
    );
  }
}

/** A shell script that says it is that version, as our program does. */
export function standIn(version: string, extra = ""): Uint8Array {
  return new TextEncoder().encode(`#!/bin/sh
# ${extra}
case "$*" in
  'version --json') echo '{"version":"${version}"}' ;;
  version) echo 'agent-async ${version}' ;;
  list-agents) echo 'codex  found' ;;
  *) echo "$*" >>"$0.calls" ;;
esac
`);
}
