/**
 * Support for the generated documentation: the agents that are spoken with over ACP, what each policy sets and lets them
 * do, and what they do not tell. From the presets, and from what the trials hold the real agents to.
 *
 * @module
 */
import { GEMINI_MODES, geminiLive } from "../../src/agents/gemini/live.ts";
import { type AcpConfig, acpPoliciesOf } from "../../src/domain/agent/acp_config.ts";
import { acpOf, CustomAgentConfig } from "../../src/domain/agent/custom_agent.ts";
import { ApprovalPolicy } from "../../src/domain/agent/policy.ts";
import { AGENT_PRESETS } from "../../src/domain/agent/presets/agent_presets.ts";
import { ACP_TRAITS, type AcpTraits, type Reach } from "./acp_traits.ts";
import { pinnedVersion, presetVersion } from "./agents.ts";

const HEAD = ["agent", "run for real", ...ApprovalPolicy.options, "what it does not tell"];

/** Agents that need an account, or are not to be had where the tests run. */
const UNTRIED: Readonly<Record<string, string>> = {
  auggie: "its greeting and its demand for a login",
  goose: "not tried with the real one",
};

interface Row {
  readonly title: string;
  readonly version: string;
  readonly policies: readonly ApprovalPolicy[];
  setting(policy: ApprovalPolicy): string;
  readonly traits: AcpTraits | null;
}

export function acpTable(): string {
  const rows = rowsOf().map(({ title, version, policies, setting, traits }) => [
    title,
    version,
    ...ApprovalPolicy.options.map((policy) =>
      policies.includes(policy) ? cell(policy, setting(policy), traits) : "no"
    ),
    traits === null ? "" : untold(traits),
  ]);
  return [HEAD, HEAD.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function rowsOf(): Row[] {
  const presets = Object.entries(AGENT_PRESETS).flatMap(([name, preset]): Row[] => {
    const config = CustomAgentConfig.parse(preset);
    const acp = acpOf(config);
    if (acp === null) return [];
    const traits = traitsOf(name);
    return [{
      title: config.title ?? name,
      version: UNTRIED[name] ?? presetVersion(name),
      policies: acpPoliciesOf(acp),
      setting: (policy) => settingText(acp, policy),
      traits,
    }];
  });
  return [{
    title: "Gemini CLI",
    version: pinnedVersion("gemini"),
    policies: geminiLive.policies ?? [],
    setting: (policy) => `mode \`${GEMINI_MODES[policy]}\``,
    traits: traitsOf("gemini"),
  }, ...presets];
}

function traitsOf(name: string): AcpTraits | null {
  return Object.entries(ACP_TRAITS).find(([agent]) => agent === name)?.[1] ?? null;
}

function settingText({ policy_modes, policy_args, policy_env }: AcpConfig, policy: ApprovalPolicy): string {
  const mode = policy_modes?.[policy];
  const modes = typeof mode === "string" ? { mode } : mode ?? {};
  const variables = Object.keys(policy_env?.[policy] ?? {});
  return [
    ...Object.entries(modes).map(([id, value]) => `${id} \`${value}\``),
    ...(policy_args?.[policy] ?? []).map((argument) => `\`${argument}\``),
    ...variables.map((name) => `\`${name}\``),
  ].join(", ");
}

function cell(policy: ApprovalPolicy, setting: string, traits: AcpTraits | null): string {
  const reach = policy === "ask" ? "asks" : traits === null ? "" : reachText(traits.reach[policy]);
  return [setting, reach].filter((text) => text !== "").join(": ") || "as it is by itself";
}

function reachText(reach: Reach | undefined): string {
  if (reach === undefined) return "";
  const { command, inside, outside } = reach;
  if (!command && !inside && !outside) return "reads only";
  const files = outside ? "writes anywhere" : inside ? "writes in its directory" : "writes nothing";
  return `${files}, ${command ? "runs commands" : "runs no commands"}`;
}

function untold(traits: AcpTraits): string {
  return [
    ...(traits.tokens === null ? ["tokens"] : []),
    ...(traits.tellsExitCodes ? [] : ["exit codes"]),
    ...(traits.tellsNewFiles === false ? ["new or changed files"] : []),
    ...(traits.failures?.includes("no_result") === true ? ["why a model call failed"] : []),
    ...(traits.failures?.includes("done") === true ? ["that an answer was cut"] : []),
    ...(traits.replays !== true ? [] : ["its session to a later process: replies replay the conversation"]),
  ].join("; ");
}
