/**
 * The scripted model's server, on loopback: takes each model request to its scenario and keeps all that it was asked.
 *
 * @module
 */
import type { ModelApi, ModelRequest } from "./model_api.ts";
import { ResponsesApi } from "./responses_api.ts";
import { Scenario, type Step } from "./scenario.ts";

/** The scenario of requests that name none. */
export const DEFAULT_SCENARIO = "default";

const SCENARIO_PATH = /^\/s\/([A-Za-z0-9._-]+)(\/.*)?$/;
const MARKER = /\[\[scenario ([A-Za-z0-9._-]+)\]\]/g;

/**
 * A scenario is chosen by the path (`/s/<name>/v1`, see {@link ModelServer.baseUrl}), else by the last
 * `[[scenario <name>]]` in what the user said, else it is the default one. One that was never scripted says "done".
 */
export class ModelServer implements AsyncDisposable {
  /** Without a slash at its end. */
  readonly url: string;
  /** Every request, in the order in which they came. */
  readonly requests: ModelRequest[] = [];
  readonly #server: Deno.HttpServer;
  readonly #stop = new AbortController();
  readonly #scenarios = new Map<string, Scenario>();
  readonly #apis: readonly ModelApi[];

  private constructor(apis: readonly ModelApi[]) {
    this.#apis = apis;
    const server = Deno.serve(
      // A stream that is cut on purpose is no news.
      { hostname: "127.0.0.1", port: 0, onListen() {}, onError: () => new Response(null, { status: 500 }) },
      (request) => this.#handle(request),
    );
    this.#server = server;
    this.url = `http://127.0.0.1:${server.addr.port}`;
  }

  /** @param options.apis which protocols it speaks; default: the Responses API. */
  static start(options: { apis?: readonly ModelApi[] } = {}): ModelServer {
    return new ModelServer(options.apis ?? [new ResponsesApi()]);
  }

  /** What a provider's configuration calls its base URL, for one scenario. */
  baseUrl(scenario: string = DEFAULT_SCENARIO): string {
    return `${this.url}/s/${scenario}/v1`;
  }

  /** Sets the steps of a scenario, one per model request; `afterwards` answers all further ones. */
  script(scenario: string, steps: readonly Step[], afterwards?: Step): void {
    this.#scenarios.set(scenario, new Scenario(steps, afterwards));
  }

  /** The model requests of one scenario, or all of them. */
  modelRequests(scenario?: string): ModelRequest[] {
    return this.requests.filter((request) =>
      request.scenario !== null && (scenario === undefined || request.scenario === scenario)
    );
  }

  /** What the user said last in each model request; the same prompt in a row (while tools run) counts once. */
  prompts(scenario?: string): string[] {
    const texts = this.modelRequests(scenario).map((request) => this.#userTexts(request).at(-1) ?? "");
    return texts.filter((text, index) => text !== texts[index - 1]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#server.shutdown();
  }

  async #handle(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const [, named, rest] = SCENARIO_PATH.exec(url.pathname) ?? [];
    const path = named === undefined ? url.pathname : rest ?? "/";
    const recorded: ModelRequest = {
      method: request.method,
      path,
      headers: Object.fromEntries(request.headers),
      body: parseJson(await request.text()),
      scenario: null,
    };
    this.requests.push(recorded);
    const api = this.#apis.find((candidate) => candidate.takes(request.method, path));
    if (api === undefined) {
      for (const candidate of this.#apis) {
        const other = candidate.other(request.method, path);
        if (other !== null) return other;
      }
      return new Response(`the scripted model knows no ${request.method} ${path}`, { status: 404 });
    }
    const asked = {
      userTexts: api.userTexts(recorded.body),
      toolResults: api.toolResults(recorded.body),
      body: recorded.body,
    };
    const name = named ?? marked(asked.userTexts) ?? DEFAULT_SCENARIO;
    recorded.scenario = name;
    return await api.respond(this.#scenario(name).next(asked), recorded, this.#stop.signal);
  }

  #scenario(name: string): Scenario {
    const scenario = this.#scenarios.get(name) ?? new Scenario([]);
    this.#scenarios.set(name, scenario);
    return scenario;
  }

  #userTexts(request: ModelRequest): string[] {
    return this.#apis.find((api) => api.takes(request.method, request.path))?.userTexts(request.body) ?? [];
  }
}

function marked(texts: readonly string[]): string | undefined {
  return texts.flatMap((text) => [...text.matchAll(MARKER)].map(([, name]) => name)).at(-1);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
