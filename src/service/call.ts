/**
 * Room `service`: what comes with a call beside its request.
 *
 * @module
 */

/** Whose call it is, as the daemon knows it. It tells a call from inside a job from one from outside. */
export interface Caller {
  /** The caller's process; `null` where the system does not tell and the client did not say. */
  readonly pid: number | null;
  /** The job that the caller's own environment names: a hint, since some agents take it out of the environment. */
  readonly claimedJob: string | null;
}

export interface CallOptions {
  /** Added by the daemon; what comes over the wire has none. */
  caller?: Caller;
  /** Gives up this call, and nothing else: a job is never touched by it. */
  signal?: AbortSignal;
}
