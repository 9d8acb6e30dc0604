/**
 * Room `cli`, the monitor: decodes the bytes of a terminal into keys. Rule of this file: whatever is typed is a key or
 * nothing, never an error.
 *
 * @module
 */

export type KeyName =
  | "up"
  | "down"
  | "left"
  | "right"
  | "home"
  | "end"
  | "page_up"
  | "page_down"
  | "enter"
  | "escape"
  | "tab"
  | "backspace"
  | "delete"
  | "ctrl_a"
  | "ctrl_c"
  | "ctrl_d"
  | "ctrl_e"
  | "ctrl_k"
  | "ctrl_l"
  | "ctrl_u"
  | "ctrl_w"
  | "ctrl_z";

export type Key =
  | { readonly kind: "named"; readonly name: KeyName }
  /** One typed character. */
  | { readonly kind: "text"; readonly text: string }
  /** A bracketed paste, as a whole. */
  | { readonly kind: "paste"; readonly text: string };

const CONTROLS: Readonly<Record<string, KeyName>> = {
  "\x01": "ctrl_a",
  "\x02": "left",
  "\x03": "ctrl_c",
  "\x04": "ctrl_d",
  "\x05": "ctrl_e",
  "\x06": "right",
  "\x08": "backspace",
  "\t": "tab",
  "\n": "enter",
  "\x0b": "ctrl_k",
  "\x0c": "ctrl_l",
  "\r": "enter",
  "\x0e": "down",
  "\x10": "up",
  "\x15": "ctrl_u",
  "\x17": "ctrl_w",
  "\x1a": "ctrl_z",
  "\x7f": "backspace",
};

/**
 * Control sequences without their introducer. All others (function keys, mouse events, replies of the terminal) are
 * dropped.
 */
const SEQUENCES: Readonly<Record<string, KeyName>> = {
  A: "up",
  B: "down",
  C: "right",
  D: "left",
  H: "home",
  F: "end",
  "1~": "home",
  "3~": "delete",
  "4~": "end",
  "5~": "page_up",
  "6~": "page_down",
  "7~": "home",
  "8~": "end",
  M: "enter",
};

const PASTE_BEGINS = "\x1b[200~";
const PASTE_ENDS = "\x1b[201~";

export class KeyDecoder {
  #rest = "";
  readonly #decoder = new TextDecoder();

  /** Whether an escape has come that may be the key itself or the beginning of a longer sequence. */
  get isWaiting(): boolean {
    return this.#rest.startsWith("\x1b") && !this.#rest.startsWith(PASTE_BEGINS);
  }

  push(bytes: Uint8Array): Key[] {
    this.#rest += this.#decoder.decode(bytes, { stream: true });
    const keys: Key[] = [];
    while (this.#rest !== "") {
      const taken = take(this.#rest);
      if (taken === null) break;
      this.#rest = this.#rest.slice(taken.length);
      if (taken.key !== null) keys.push(taken.key);
    }
    return keys;
  }

  /** To be called when nothing followed an escape in time: it was the key of that name. */
  flush(): Key[] {
    if (!this.isWaiting) return [];
    this.#rest = "";
    return [{ kind: "named", name: "escape" }];
  }
}

/** The first key of `input` and its length in it; `null` when the input ends inside of the key. */
function take(input: string): { key: Key | null; length: number } | null {
  if (input.startsWith(PASTE_BEGINS)) {
    const end = input.indexOf(PASTE_ENDS);
    if (end < 0) return null;
    const text = input.slice(PASTE_BEGINS.length, end);
    return { key: { kind: "paste", text }, length: end + PASTE_ENDS.length };
  }
  if (input.startsWith("\x1b")) return takeEscape(input);
  const character = String.fromCodePoint(input.codePointAt(0) ?? 0);
  const name = CONTROLS[character];
  if (name !== undefined) return { key: { kind: "named", name }, length: 1 };
  // deno-lint-ignore no-control-regex -- a control character that means nothing here
  const isControl = /^[\x00-\x1f\x80-\x9f]$/.test(character);
  return { key: isControl ? null : { kind: "text", text: character }, length: character.length };
}

function takeEscape(input: string): { key: Key | null; length: number } | null {
  if (input.length === 1) return null;
  if (input[1] === "\x1b") return { key: { kind: "named", name: "escape" }, length: 1 };
  // deno-lint-ignore no-control-regex -- the grammar of control sequences
  const sequence = /^\x1b(?:\[([0-9;:<=>?]*[ -/]*[@-~])|O(.))/.exec(input);
  if (sequence !== null) {
    // A modifier (`1;5A`) changes nothing here.
    const body = (sequence[1] ?? sequence[2] ?? "").replace(/^1;\d+(?=[A-H])/, "").replace(/;\d+~$/, "~");
    const name = SEQUENCES[body];
    return { key: name === undefined ? null : { kind: "named", name }, length: sequence[0].length };
  }
  // deno-lint-ignore no-control-regex -- the beginning of one
  if (/^\x1b(?:\[[0-9;:<=>?]*[ -/]*|O)$/.test(input)) return null;
  // An escape and a character that come at once (fast typing, or Alt) are two keys.
  return { key: { kind: "named", name: "escape" }, length: 1 };
}
