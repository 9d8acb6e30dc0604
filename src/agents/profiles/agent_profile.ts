/**
 * Room `agents`: what has to be known of an agent to find it and to offer it. Apart from its driver, since a front-end
 * does only this: no profile imports what starts or reads an agent.
 *
 * @module
 */
import type { ApprovalPolicy } from "../../domain/agent/policy.ts";

export interface AgentProfile {
  /** Lower case, as in `<name>_start`. */
  readonly name: string;
  /** As people call it: "Codex CLI". */
  readonly title: string;
  /** Names to look for on the host's PATH, in order of preference. */
  readonly executables: readonly string[];
  /**
   * Set when one of `executables` is a common word. An executable whose version this profile cannot read is then taken
   * for another program, unless the configuration names it.
   */
  readonly hasCommonName?: boolean;
  /**
   * Better executables than the one found, in order of preference (a native binary behind an npm launcher).
   * @param realPath the found one with symlinks resolved.
   */
  nativeCandidates?(realPath: string, platform: { os: string; arch: string }): readonly string[];
  /**
   * Its package on npm. Where the executable lies in that package, `package.json` tells the version: asking Gemini CLI
   * itself takes 2 s.
   */
  readonly npmPackage?: string;
  readonly versionArgs: readonly string[];
  readVersion(stdout: string): string | null;
  /** The oldest version that works, and the newest that was tested. */
  readonly versions: { readonly oldest: string; readonly tested: string };
  /**
   * What a policy lets it do, in a few words for the model that starts it, where the policy's name promises more than
   * this agent does.
   */
  readonly lets?: Readonly<Partial<Record<ApprovalPolicy, string>>>;
  /** What to do when it is not installed, too old or not logged in: one sentence each. */
  readonly hints: { readonly install: string; readonly upgrade: string; readonly login: string };
}
