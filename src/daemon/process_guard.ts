/**
 * Room `daemon`: what happens to the process as a whole: signals, and failures that nobody caught.
 *
 * @module
 */
import type { Log } from "../system/log.ts";

export interface GuardOptions {
  log: Log;
  /** Called with the signal's name. */
  leave: (cause: string) => void;
}

const LEAVE_ON = ["SIGTERM", "SIGINT"] as const;

/**
 * SIGTERM and SIGINT leave in order; SIGHUP, sent when some terminal closes, is ignored. A rejection that nobody
 * handled is a bug to be logged, and no reason to leave fifty jobs unwatched. Disposing undoes all of it.
 */
export function guardProcess({ log, leave }: GuardOptions): Disposable {
  const listeners = LEAVE_ON.map((name) => ({ name, listener: () => leave(name) }));
  const ignore = () => {};
  const onRejection = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    log.error("unhandled rejection", { error: event.reason });
  };
  const onError = (event: ErrorEvent) => {
    event.preventDefault();
    log.error("uncaught error", { error: event.error });
  };
  for (const { name, listener } of listeners) Deno.addSignalListener(name, listener);
  const hangup = Deno.build.os === "windows" ? null : "SIGHUP";
  if (hangup !== null) Deno.addSignalListener(hangup, ignore);
  globalThis.addEventListener("unhandledrejection", onRejection);
  globalThis.addEventListener("error", onError);
  return {
    [Symbol.dispose]() {
      for (const { name, listener } of listeners) Deno.removeSignalListener(name, listener);
      if (hangup !== null) Deno.removeSignalListener(hangup, ignore);
      globalThis.removeEventListener("unhandledrejection", onRejection);
      globalThis.removeEventListener("error", onError);
    },
  };
}
