/**
 * The scripted model: what a provider's protocol has to tell the server. One file per protocol.
 *
 * @module
 */
import type { Answer, Refusal } from "./scenario.ts";

/** One request that an agent made. */
export interface ModelRequest {
  method: string;
  /** Without `/s/<scenario>`. */
  path: string;
  headers: Record<string, string>;
  /** Parsed; `null` when it is no JSON. */
  body: unknown;
  /** Which scenario answered; `null` for what is no model request. */
  scenario: string | null;
}

export interface ModelApi {
  /** Whether this protocol answers the path with the next step of a scenario. */
  takes(method: string, path: string): boolean;
  /** The texts of the user's messages in a request, oldest first. */
  userTexts(body: unknown): string[];
  /** What tools answered in a request, oldest first; JSON where it is no text. */
  toolResults(body: unknown): string[];
  /**
   * The response for one step.
   * @param stop the server leaves: nothing is to be waited for any more.
   */
  respond(step: Answer | Refusal, request: ModelRequest, stop: AbortSignal): Promise<Response>;
  /** For requests beside the model's own, such as a list of models; `null`: not known. */
  other(method: string, path: string): Response | null;
}

/** Resolves after `ms`, or as soon as the signal says that nobody waits any more. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted || ms <= 0) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });
}

/** Resolves when `wait` is settled or the signal is aborted. */
export async function settled(wait: Promise<unknown>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const gone = Promise.withResolvers<void>();
  const stop = () => gone.resolve();
  signal.addEventListener("abort", stop, { once: true });
  await Promise.race([wait.catch(() => {}), gone.promise]);
  signal.removeEventListener("abort", stop);
}

/**
 * Server-sent events as a response, one at a time.
 * @param events yields whole events, without the blank line; throwing `StreamCut` breaks the connection.
 * @param onGone called when the agent has gone before the end.
 */
export function eventStream(events: AsyncIterator<string>, onGone: () => void = () => {}): Response {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await events.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(`${value}\n\n`));
      } catch (error) {
        controller.error(error);
      }
    },
    async cancel() {
      onGone();
      await events.return?.();
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

/** Thrown into a stream to break its connection. */
export class StreamCut extends Error {
  override readonly name = "StreamCut";
}
