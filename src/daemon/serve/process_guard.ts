/**
 * Room `daemon`: what happens to the process as a whole: signals, and failures that nobody caught.
 *
 * @module
 */
import type { Log } from "../../system/log.ts";

export interface GuardOptions {
  log: Log;
  /** Called with the signal's name. */
  leave: (cause: string) => void;
}

/** What asks this process to leave, and what it is to pass over. Windows sends SIGTERM to nobody. */
export function guardedSignals(
  os: string,
): { leave: readonly Deno.Signal[]; ignore: readonly Deno.Signal[] } {
  return os === "windows"
    ? { leave: ["SIGINT", "SIGBREAK"], ignore: [] }
    : { leave: ["SIGTERM", "SIGINT"], ignore: ["SIGHUP"] };
}

/**
 * SIGTERM and SIGINT leave in order; SIGHUP, sent when some terminal closes, is ignored. A rejection that nobody
 * handled is a bug to be logged, and no reason to leave fifty jobs unwatched. Disposing undoes all of it.
 */
export function guardProcess({ log, leave }: GuardOptions): Disposable {
  const signals = guardedSignals(Deno.build.os);
  const listeners = signals.leave.map((name) => ({ name, listener: () => leave(name) }));
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
  for (const name of signals.ignore) Deno.addSignalListener(name, ignore);
  globalThis.addEventListener("unhandledrejection", onRejection);
  globalThis.addEventListener("error", onError);
  return {
    [Symbol.dispose]() {
      for (const { name, listener } of listeners) Deno.removeSignalListener(name, listener);
      for (const name of signals.ignore) Deno.removeSignalListener(name, ignore);
      globalThis.removeEventListener("unhandledrejection", onRejection);
      globalThis.removeEventListener("error", onError);
    },
  };
}
