/**
 * Room `scheduler`: the numbers it keeps to, as the configuration gives them. Rule of the room: nothing starts but
 * by `pick`, and nothing is over before its outcome is committed.
 *
 * @module
 */

export interface Limits {
  /** Jobs that run at once; 1 makes a strictly sequential queue. */
  readonly total: number;
  /** How deep jobs may be started inside jobs. */
  readonly depth: number;
  /** Bytes of raw output and stderr of one turn. */
  readonly outputBytes: number;
  /** Seconds of silence after which a turn is ended; `null` (the default): never. */
  readonly stallSeconds: number | null;
  /** Seconds that a process has to leave after its agent's last word. */
  readonly exitGraceSeconds: number;
  /** Days that finished jobs are kept. */
  readonly retentionDays: number;
  /** Bytes that all job directories may take together; the oldest finished jobs go first. */
  readonly retentionBytes: number;
}

/** Bytes of one line of agent output; a longer one is passed over and counted. */
export const MAX_LINE_BYTES = 8 * 1024 * 1024;

/** How often a usage limit is waited for on behalf of one prompt. */
export const MAX_LIMIT_RETRIES = 3;
