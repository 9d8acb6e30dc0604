/**
 * Room `scheduler`: the limits it enforces, as the configuration gives them. Rule of the room: only `pick` decides
 * what starts, and a turn is over only when its outcome is committed.
 *
 * @module
 */

export interface Limits {
  /** Jobs that run at once; 1 makes a strictly sequential queue. */
  readonly total: number;
  /** How deep jobs may be started inside jobs. */
  readonly depth: number;
  /** Jobs that may do nothing but wait for an answer, beside those that run. */
  readonly asking: number;
  /** Seconds after which a question that nobody has answered is rejected. */
  readonly questionSeconds: number;
  /** Bytes that one turn may print, stdout and stderr together. */
  readonly outputBytes: number;
  /** Seconds of silence after which a turn is ended; `null` (the default): never. */
  readonly stallSeconds: number | null;
  /** Grace period in seconds: how long a process may stay after its agent said that the work is done. */
  readonly exitGraceSeconds: number;
  /** US dollars that all jobs together may use on a day; `null`: no limit. */
  readonly dayUsd: number | null;
  /** Days that finished jobs are kept. */
  readonly retentionDays: number;
  /** Bytes that all job directories may take together; the oldest finished jobs go first. */
  readonly retentionBytes: number;
}

/** Bytes of one line of agent output; a longer one is skipped, and its bytes are counted as skipped. */
export const MAX_LINE_BYTES = 8 * 1024 * 1024;

/** How often one prompt may be postponed until a usage limit ends. */
export const MAX_LIMIT_RETRIES = 3;
