/**
 * Releasing: puts an executable and the manifest into a directory, from which `mcpb pack` makes the bundle for one
 * platform: `deno run -A .github/release/bundle.ts TARGET EXECUTABLE DIRECTORY`.
 *
 * @module
 */

const PLATFORMS: readonly (readonly [RegExp, string])[] = [
  [/-linux-/, "linux"],
  [/-darwin$/, "darwin"],
  [/-windows-/, "win32"],
];

/** The manifest for the one platform that the bundle's executable is for. */
export function manifestFor(target: string, text: string): string {
  const platform = PLATFORMS.find(([pattern]) => pattern.test(target))?.[1];
  if (platform === undefined) throw new Error(`${target} is no target of a release`);
  const manifest = JSON.parse(text);
  if (platform === "win32") manifest.server.entry_point += ".exe";
  manifest.compatibility.platforms = [platform];
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

function main([target, executable, directory]: readonly string[]): void {
  if (target === undefined || executable === undefined || directory === undefined) {
    throw new Error("Usage: bundle.ts TARGET EXECUTABLE DIRECTORY");
  }
  const suffix = executable.endsWith(".exe") ? ".exe" : "";
  const text = Deno.readTextFileSync(new URL("mcpb/manifest.json", import.meta.url));
  Deno.mkdirSync(`${directory}/server`, { recursive: true });
  Deno.writeTextFileSync(`${directory}/manifest.json`, manifestFor(target, text));
  Deno.copyFileSync(executable, `${directory}/server/agent-async${suffix}`);
}

if (import.meta.main) main(Deno.args);
