/**
 * Room `agents`: opens a session of an ACP agent as the policy asks: the requests that set its model, mode and options.
 *
 * @module
 */
import type { AcpSetting } from "./agent.ts";
import { type ConfigOption, optionFor, type SessionState } from "./messages.ts";

export interface SettingRequest {
  /** Unique in the session. */
  readonly key: string;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** What it sets, for a failure: "the mode plan". */
  readonly what: string;
}

/** What the agent does not offer, in words. */
export class NotOffered extends Error {
  override readonly name = "NotOffered";
}

/** The mode that a setting names; `null` when it names none. */
export function modeOf(setting: AcpSetting): string | null {
  if (setting === null) return null;
  return typeof setting === "string" ? setting : setting[MODE] ?? null;
}

/** The name under which a setting of options has the mode, whether the agent has an option of that name or not. */
const MODE = "mode";

/**
 * @param model `null`: the agent's own
 * @throws NotOffered when the agent has no such mode or option: the policy could not be kept.
 */
export function settingRequests(
  sessionId: string,
  state: SessionState,
  { setting, model }: { setting: AcpSetting; model: string | null },
): SettingRequest[] {
  const options = typeof setting === "object" && setting !== null ? Object.entries(setting) : [];
  const mode = modeOf(setting);
  return [
    ...(model === null ? [] : [modelRequest(sessionId, state, model)]),
    ...options.filter(([id]) => id !== MODE).map(([id, value]) => {
      const option = state.configOptions.find((each) => each.id === id);
      if (option === undefined || !canBe(option, value)) {
        throw new NotOffered(`It offers no option ${id} with the value ${value}`);
      }
      return optionRequest(sessionId, option, value);
    }),
    ...(mode === null ? [] : [modeRequest(sessionId, state, mode)]),
  ];
}

function modeRequest(
  sessionId: string,
  { modes, configOptions }: SessionState,
  mode: string,
): SettingRequest {
  if (modes?.availableModes.some(({ id }) => id === mode) === true) {
    return {
      key: "mode",
      method: "session/set_mode",
      params: { sessionId, modeId: mode },
      what: `the mode ${mode}`,
    };
  }
  const option = optionFor(configOptions, MODE);
  if (option?.options.includes(mode) === true) return optionRequest(sessionId, option, mode);
  const offered = modes?.availableModes.map(({ id }) => id) ?? option?.options ?? [];
  throw new NotOffered(
    `It offers no mode ${mode}${offered.length === 0 ? "" : `, but ${offered.join(", ")}`}`,
  );
}

function modelRequest(
  sessionId: string,
  { models, configOptions }: SessionState,
  model: string,
): SettingRequest {
  const option = optionFor(configOptions, "model");
  const what = `the model ${model}`;
  if (option !== undefined) {
    // What a person types is often the end of the whole name: "provider/model".
    const ends = option.options.filter((value) => value.endsWith(`/${model}`));
    const [only] = ends;
    const value = option.options.includes(model) || ends.length !== 1 || only === undefined ? model : only;
    return { ...optionRequest(sessionId, option, value), what };
  }
  if (models === null || models === undefined) throw new NotOffered("It lets nobody choose its model");
  const known = models.availableModels.find(({ modelId }) => modelId === model) ??
    models.availableModels.find(({ name }) => name === model);
  return {
    key: "model",
    method: "session/set_model",
    params: { sessionId, modelId: known?.modelId ?? model },
    what,
  };
}

function canBe({ type, options }: ConfigOption, value: string): boolean {
  return type === "boolean" ? value === "true" || value === "false" : options.includes(value);
}

function optionRequest(sessionId: string, option: ConfigOption, value: string): SettingRequest {
  return {
    key: `option ${option.id}`,
    method: "session/set_config_option",
    params: option.type === "boolean"
      ? { sessionId, configId: option.id, type: "boolean", value: value === "true" }
      : { sessionId, configId: option.id, value },
    what: `the option ${option.id} to ${value}`,
  };
}
