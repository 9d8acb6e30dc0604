/**
 * Support for tests: a home in which pi asks the scripted model.
 *
 * @module
 */

export function furnishPi(home: string, modelUrl: string): void {
  const directory = `${home}/.pi/agent`;
  Deno.mkdirSync(directory, { recursive: true });
  const scripted = {
    baseUrl: modelUrl,
    api: "openai-completions",
    apiKey: "scripted",
    models: [{ id: "scripted" }],
  };
  const settings = { defaultProvider: "scripted", defaultModel: "scripted", retry: { maxRetries: 1 } };
  Deno.writeTextFileSync(`${directory}/models.json`, JSON.stringify({ providers: { scripted } }));
  Deno.writeTextFileSync(`${directory}/settings.json`, JSON.stringify(settings));
}
