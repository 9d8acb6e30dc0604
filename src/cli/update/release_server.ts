/**
 * Room `cli`: downloads releases. Rule of this file: everything that it hands out has been checked, and every read is
 * limited in size and in time.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { messageOf } from "../../domain/errors.ts";
import { givenVariable } from "../../system/given_variable.ts";
import { CommandError } from "../entry/exit_code.ts";
import { parseChecksums } from "./checksums.ts";

/** The newest release of the project. `install.sh` names it too; a test keeps the two the same. */
export const RELEASE_URL = "https://github.com/agent-async/agent-async/releases/latest/download";

/** Environment variable with another address of the same files. */
export const RELEASE_URL_VARIABLE = "AGENT_ASYNC_RELEASE_URL";

/** Ms without a single byte before a server counts as gone. */
const SILENCE_MS = 30_000;

/** Most bytes of `SHA256SUMS` or `VERSION`, which have some hundred. */
const MAX_TEXT_BYTES = 65_536;

/** Most bytes of an executable, which has about 100 MB. */
const MAX_ASSET_BYTES = 1_073_741_824;

/** Most redirections of one download; GitHub needs two. */
const MAX_HOPS = 20;
const REDIRECTIONS: readonly number[] = [301, 302, 303, 307, 308];

/** A release whose version has been checked against its own `SHA256SUMS`. */
export interface Release {
  readonly version: string;
  /** SHA-256 by file name. */
  readonly checksums: ReadonlyMap<string, string>;
}

export interface ReleaseServerOptions {
  readonly url: string;
  readonly signal?: AbortSignal;
  /** Ms without a byte before the server counts as gone; 30,000 by default. */
  readonly silenceMs?: number;
}

export class ReleaseServer {
  readonly url: string;
  readonly #signal: AbortSignal | undefined;
  readonly #silenceMs: number;

  /** @throws CommandError for an address that anybody on the way could change: neither https nor this machine. */
  constructor({ url, signal, silenceMs = SILENCE_MS }: ReleaseServerOptions) {
    this.url = checkedUrl(url);
    this.#signal = signal;
    this.#silenceMs = silenceMs;
  }

  /** @throws CommandError when there is none, or its version is not the one that its checksums speak of. */
  async newest(): Promise<Release> {
    const checksums = parseChecksums(await this.#text("SHA256SUMS"));
    if (checksums === null) throw this.#refused("SHA256SUMS", "is no list of checksums");
    const text = await this.#text("VERSION");
    const version = text.trim();
    if (checksums.get("VERSION") !== createHash("sha256").update(text).digest("hex")) {
      throw this.#refused(
        "VERSION",
        "does not fit SHA256SUMS",
        "A release may just be on its way: try later.",
      );
    }
    if (!/^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/.test(version)) {
      throw this.#refused("VERSION", "names no version");
    }
    return { version, checksums };
  }

  /**
   * Writes the asset of `release` to `file`.
   * @throws CommandError when it is not there, ends early, is not what its checksum says or cannot be written. What was
   * written then must not be used.
   */
  async download(asset: string, release: Release, file: Deno.FsFile): Promise<void> {
    const expected = release.checksums.get(asset);
    if (expected === undefined) throw this.#refused(asset, "is not in SHA256SUMS");
    const hash = createHash("sha256");
    await this.#read(asset, MAX_ASSET_BYTES, async (part) => {
      hash.update(part);
      await writeAll(file, part);
    });
    if (hash.digest("hex") !== expected) {
      throw this.#refused(asset, "does not have the checksum that SHA256SUMS names", "Nothing was changed.");
    }
  }

  async #text(name: string): Promise<string> {
    const decoder = new TextDecoder();
    let text = "";
    await this.#read(name, MAX_TEXT_BYTES, (part) => {
      text += decoder.decode(part, { stream: true });
      return Promise.resolve();
    });
    return text + decoder.decode();
  }

  async #read(name: string, maxBytes: number, take: (part: Uint8Array) => Promise<void>): Promise<void> {
    const silence = new AbortController();
    const timer = new Timer(this.#silenceMs, () => silence.abort());
    const signal = this.#signal === undefined
      ? silence.signal
      : AbortSignal.any([this.#signal, silence.signal]);
    let bytes = 0;
    let hasAnswered = false;
    try {
      const response = await this.#ask(name, signal);
      if (!response.ok || response.body === null) {
        await response.body?.cancel();
        throw this.#refused(name, `cannot be had: the server says ${response.status}`);
      }
      hasAnswered = true;
      for await (const part of response.body) {
        timer.restart();
        bytes += part.length;
        if (bytes > maxBytes) throw this.#refused(name, `is larger than ${maxBytes} bytes`);
        await take(part);
      }
    } catch (error) {
      if (error instanceof CommandError || this.#signal?.aborted === true) throw error;
      if (silence.signal.aborted) {
        throw this.#refused(name, `stopped coming: nothing for ${this.#silenceMs / 1000} s`);
      }
      // `fetch` reports failures of the network as a TypeError.
      if (!(error instanceof TypeError)) throw error;
      if (hasAnswered) throw this.#refused(name, "ended before its end", "Nothing was changed; try again.");
      throw this.#refused(name, `cannot be had: ${reasonOf(error)}`, OFFLINE);
    } finally {
      timer.stop();
    }
  }

  /**
   * Follows redirections itself, so that every address on the way is as safe as the first. One over plain http could
   * lead anywhere, back to https too.
   */
  async #ask(name: string, signal: AbortSignal): Promise<Response> {
    let url = `${this.url}/${name}`;
    for (let hops = 0; hops <= MAX_HOPS; hops++) {
      const response = await fetch(url, { signal, redirect: "manual" });
      const location = response.headers.get("location");
      if (!REDIRECTIONS.includes(response.status) || location === null) return response;
      await response.body?.cancel();
      const next = URL.canParse(location, url) ? new URL(location, url).href : location;
      if (!isSafe(next) || (url.startsWith("https:") && !next.startsWith("https:"))) {
        throw this.#refused(
          name,
          `leads to ${JSON.stringify(next)}, which is no https address`,
          "Nothing was changed.",
        );
      }
      url = next;
    }
    throw this.#refused(name, `cannot be had: it is sent on more than ${MAX_HOPS} times`);
  }

  #refused(name: string, problem: string, hint?: string): CommandError {
    return new CommandError(`${this.url}/${name} ${problem}`, { hint });
  }
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  try {
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await file.write(rest));
  } catch (error) {
    throw new CommandError(`Cannot write what was downloaded: ${messageOf(error)}`, {
      hint: "Nothing was changed. Make room, then try again.",
      cause: error,
    });
  }
}

/** Why a connection failed: fetch says "fetch failed" and has the reason as its cause, as far as it says any. */
function reasonOf(error: TypeError): string {
  const { message } = error.cause instanceof Error ? error.cause : error;
  // The caller's message already names the address.
  return message.replace(/^error sending request for url \(\S*\): /, "");
}

/** The address that `env` chooses, else the project's own. */
export function releaseUrl(env: Readonly<Record<string, string>>): string {
  return givenVariable(env, RELEASE_URL_VARIABLE) ?? RELEASE_URL;
}

/** Whether an address is https or this machine: nobody on the way can change what it sends. */
function isSafe(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isLoopback = /^(?:127(?:\.\d+){3}|localhost|\[::1\])$/.test(url?.hostname ?? "");
  return url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback);
}

function checkedUrl(text: string): string {
  if (isSafe(text)) return text.replace(/\/+$/, "");
  throw new CommandError(`${RELEASE_URL_VARIABLE}: ${JSON.stringify(text)} is no https address`, {
    hint: "Programs are downloaded over https only, or from this machine.",
  });
}

const OFFLINE = `Is this machine online? ${RELEASE_URL_VARIABLE} sets another address.`;

/** Fires once when nobody restarts it in time. */
class Timer {
  readonly #ms: number;
  readonly #fire: () => void;
  #id: ReturnType<typeof setTimeout>;

  constructor(ms: number, fire: () => void) {
    this.#ms = ms;
    this.#fire = fire;
    this.#id = setTimeout(fire, ms);
  }

  restart(): void {
    clearTimeout(this.#id);
    this.#id = setTimeout(this.#fire, this.#ms);
  }

  stop(): void {
    clearTimeout(this.#id);
  }
}
