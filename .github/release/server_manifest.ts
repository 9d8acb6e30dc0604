/**
 * Releasing: `server.json` for the MCP registry, with the checksums of the bundles that were built:
 * `deno run -A .github/release/server_manifest.ts SHA256SUMS >server.json`.
 *
 * @module
 */

/** The text of `server.json` with `fileSha256` in each package; fails when a bundle of it was not built. */
export function withChecksums(manifest: string, sums: string): string {
  const server = JSON.parse(manifest);
  for (const bundle of server.packages) {
    const name = bundle.identifier.split("/").at(-1);
    const line = sums.split("\n").find((text) => text.endsWith(`  ${name}`));
    if (line === undefined) throw new Error(`SHA256SUMS has no ${name}`);
    bundle.fileSha256 = line.slice(0, 64);
  }
  return `${JSON.stringify(server, null, 2)}\n`;
}

function main([sums]: readonly string[]): void {
  if (sums === undefined) throw new Error("Usage: server_manifest.ts SHA256SUMS");
  const manifest = Deno.readTextFileSync(new URL("../../server.json", import.meta.url));
  console.log(withChecksums(manifest, Deno.readTextFileSync(sums)).trimEnd());
}

if (import.meta.main) main(Deno.args);
