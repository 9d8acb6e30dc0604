/**
 * Room `scheduler`: how the lines of a turn become readings, each with the place at which its events stand. This file:
 * of a one-way turn; `TurnTalk` is that of a two-way one.
 *
 * @module
 */
import type { Reading, TurnReader } from "../../agents/turn_reader.ts";
import { BEFORE_OUTPUT } from "./turn_events.ts";

/** Takes a reading. `input`: number of the journal's entry that it came from; `null` for that of the line at `raw`. */
export type TakeReading = (reading: Reading, raw: number, input: number | null) => void;

export interface TurnReading {
  /** What comes before the first line. */
  begin(take: TakeReading): void;
  /** Reads the line that lies between these offsets. */
  read(line: string, start: number, end: number, take: TakeReading): void;
  /** All output was read that there is. @param isSilent whether nothing was printed for a while */
  rest(isSilent: boolean, take: TakeReading): void;
  /** The output has ended. */
  finish(): Reading;
  /** Says what is to be said. @throws what the file system says; the next call goes on */
  flush(): void;
}

export class PlainReading implements TurnReading {
  /** Offset of the line that was read last. */
  #last = BEFORE_OUTPUT;

  /** @param knownOffset offset of the newest line of which an earlier daemon has written events */
  constructor(private readonly reader: TurnReader, private readonly knownOffset: number | null) {}

  begin(): void {}

  read(line: string, start: number, _end: number, take: TakeReading): void {
    this.#last = start;
    take(this.reader.read(line), start, null);
    // Here an earlier daemon may have paused and written the events that the reader held back. Pausing at the same line
    // makes the same events at the same place, so they are not written twice.
    if (start === this.knownOffset) this.rest(true, take);
  }

  rest(isSilent: boolean, take: TakeReading): void {
    if (isSilent) take({ events: this.reader.pause?.() ?? [] }, this.#last, null);
  }

  finish(): Reading {
    return this.reader.finish();
  }

  flush(): void {}
}
