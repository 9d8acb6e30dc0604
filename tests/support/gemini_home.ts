/**
 * Support for tests: a home of its own for the real Gemini CLI, whose model is a scripted one on loopback.
 *
 * @module
 */
import { testCache } from "./agents.ts";

export interface GeminiHome extends Disposable {
  /** A directory of this test alone; the CLI refuses some things below the temporary directory. */
  readonly path: string;
  /** A work directory without git. */
  readonly work: string;
  /** The whole environment of the CLI. */
  readonly env: Readonly<Record<string, string>>;
}

export interface GeminiHomeOptions {
  /** The scripted model's address, without `/v1beta`. */
  readonly modelUrl: string;
  /** MCP servers of the user's own configuration. */
  readonly mcpServers?: Readonly<Record<string, object>>;
  /** `null` for a CLI that is not logged in. */
  readonly apiKey?: string | null;
}

export function geminiHome(options: GeminiHomeOptions): GeminiHome {
  Deno.mkdirSync(testCache(), { recursive: true });
  const path = Deno.makeTempDirSync({ dir: testCache(), prefix: "gemini-" });
  const work = `${path}/work`;
  Deno.mkdirSync(work);
  Deno.mkdirSync(`${path}/.gemini`);
  const settings = {
    // Without it, a base URL of one's own is taken for a gateway and refused.
    security: { auth: { selectedType: "gemini-api-key" } },
    // Two attempts: a failure takes seconds instead of five minutes.
    general: { maxAttempts: 2, enableAutoUpdate: false, enableAutoUpdateNotification: false },
    privacy: { usageStatisticsEnabled: false },
    telemetry: { enabled: false },
    mcpServers: options.mcpServers ?? {},
  };
  Deno.writeTextFileSync(`${path}/.gemini/settings.json`, JSON.stringify(settings));
  const apiKey = options.apiKey === undefined ? "scripted" : options.apiKey;
  return {
    path,
    work,
    env: {
      PATH: Deno.env.get("PATH") ?? "",
      HOME: path,
      // Where it leaves a report of each failed request, prompt and all.
      TMPDIR: path,
      GOOGLE_GEMINI_BASE_URL: options.modelUrl,
      ...(apiKey === null ? {} : { GEMINI_API_KEY: apiKey }),
    },
    [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }),
  };
}
