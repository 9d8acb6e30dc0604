/**
 * Room `cli`: the command `config`, which shows where every value comes from, and its subcommands `get`, `set`,
 * `unset`, `path` and
 * `schema`.
 *
 * @module
 */
import { jsonText } from "../render/json_text.ts";
import * as z from "zod";
import type { Config } from "../../config/schema.ts";
import { type Command, defineCommand } from "../command.ts";
import { type Context, printJson, tell } from "../context.ts";
import { EXIT } from "../entry/exit_code.ts";
import { homePath } from "../render/home_path.ts";
import { JSON_OPTION } from "../jobs/start_options.ts";
import { Switch, Word } from "../values.ts";

const KEY = { name: "KEY", summary: "with dots, such as limits.total" };

const getCommand = defineCommand({
  name: "get",
  summary: "Print one value as JSON",
  arguments: [KEY],
  examples: [{ line: "config get limits.total", says: "How many jobs run at once." }],
  input: z.object({ key: Word }),
  async run(input, context) {
    const { loadConfig } = await import("../../config/load_config.ts");
    const { config } = await loadConfig({ path: await configPath(context), env: context.io.env });
    const { valueAt } = await import("../../config/value_at.ts");
    const value = valueAt(await withDefaultsOfAgent(config, input.key), input.key.split("."));
    if (value === undefined) {
      const { noSuchKey } = await import("../../config/leaf_keys.ts");
      throw noSuchKey(input.key);
    }
    await printJson(context, value);
    return EXIT.done;
  },
});

const setCommand = defineCommand({
  name: "set",
  summary: "Set one value in the file, keeping its comments; lists are separated by commas",
  arguments: [KEY, {
    name: "VALUE",
    summary: "as in the environment: 8, suggest, jobs,codex, null",
    isFreeText: true,
  }],
  examples: [
    { line: "config set limits.total 8", says: "Eight jobs at once, from the next start on." },
    {
      line: "config set default_approval_policy suggest",
      says: "Reading only, unless a start says otherwise.",
    },
  ],
  input: z.object({ key: Word, value: z.string() }),
  async run(input, context) {
    await refuseInside(context);
    const { setConfigValue } = await import("../../config/edit/edit_config.ts");
    const path = await configPath(context);
    const { value, variable } = setConfigValue(path, input.key, input.value);
    const shown = isSecret(input.key) ? "" : ` to ${JSON.stringify(value)}`;
    await tell(context, `Set ${input.key}${shown} in ${path}.`);
    await tellOfVariable(variable, context);
    return EXIT.done;
  },
});

const unsetCommand = defineCommand({
  name: "unset",
  summary: "Take one value out of the file, so that its default counts again",
  arguments: [KEY],
  examples: [{ line: "config unset limits.total", says: "As many jobs at once as by default." }],
  input: z.object({ key: Word }),
  async run(input, context) {
    await refuseInside(context);
    const { unsetConfigValue } = await import("../../config/edit/edit_config.ts");
    const path = await configPath(context);
    const { variable } = unsetConfigValue(path, input.key);
    await tell(context, `${input.key} is not set in ${path}.`);
    await tellOfVariable(variable, context);
    return EXIT.done;
  },
});

const pathCommand = defineCommand({
  name: "path",
  summary: "Print where the configuration file is, or would be",
  examples: [{ line: "config path", says: 'For an editor: $EDITOR "$(agent-async config path)".' }],
  input: z.object({}),
  async run(_input, context) {
    await context.io.stdout.write(`${await configPath(context)}\n`);
    return EXIT.done;
  },
});

const schemaCommand = defineCommand({
  name: "schema",
  summary: "Print the JSON Schema of the file, for editors",
  examples: [{
    line: "config schema > config.schema.json",
    says: 'Then "$schema": "./config.schema.json" in config.json.',
  }],
  input: z.object({}),
  async run(_input, context) {
    const { configSchema } = await import("../../config/config_schema.ts");
    await printJson(context, configSchema());
    return EXIT.done;
  },
});

export const configCommand: Command = {
  ...defineCommand({
    name: "config",
    summary: "Show the configuration and where each value comes from",
    details:
      "An environment variable counts for what is started with it: a daemon that runs keeps those that it was " +
      "started with.",
    options: [JSON_OPTION],
    examples: [{ line: "config", says: "Every value; the ones you set say where." }],
    json:
      "{ values: [{ key, value, origin: { layer, name }, variable }] }; a layer is default, file or environment",
    input: z.object({ json: Switch }),
    async run(input, context) {
      const { loadConfig } = await import("../../config/load_config.ts");
      const { config, origins } = await loadConfig({ path: await configPath(context), env: context.io.env });
      const { leafKeys } = await import("../../config/leaf_keys.ts");
      const { valueAt } = await import("../../config/value_at.ts");
      const values = leafKeys(Object.keys(config.agents)).map(({ path, variable }) => {
        const key = path.join(".");
        const origin = origins.get(key) ?? { layer: "default", name: "" };
        return { key, value: valueAt(config, path), origin, variable };
      }).filter(({ value }) => value !== undefined);
      if (input.json) await printJson(context, { values });
      else {
        for (const { key, value, origin } of values) {
          const from = origin.layer === "default"
            ? ""
            : `   (${origin.layer} ${homePath(origin.name, context.io.env["HOME"])})`;
          const shown = jsonText(isSecret(key) ? masked(value) : value);
          await context.io.stdout.write(`${key} = ${shown}${context.style.dim(from)}\n`);
        }
      }
      return EXIT.done;
    },
  }),
  subcommands: [getCommand, setCommand, unsetCommand, pathCommand, schemaCommand],
};

/**
 * Whether the value may hold secrets: the environment variables of an agent often hold API keys. Such values are
 * printed only by `config get` and `config --json`.
 */
function isSecret(key: string): boolean {
  return key.split(".").at(-1) === "env";
}

function masked(value: unknown): unknown {
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.keys(value).map((name) => [name, "***"]))
    : value;
}

/** Says when an environment variable overrides the value in the file, since the change then has no effect here. */
async function tellOfVariable(variable: string, context: Context): Promise<void> {
  if (context.io.env[variable] === undefined) return;
  await tell(context, `${variable} is set in this environment, and counts instead of the file.`);
}

/** @throws AgentAsyncError `conflict` inside a job, which could give itself more than it was given. */
async function refuseInside(context: Context): Promise<void> {
  const { refuseInsideJob } = await import("../refuse_inside_job.ts");
  await refuseInsideJob(context, "change the configuration");
}

async function configPath(context: Context): Promise<string> {
  const { stateHome, statePaths } = await import("../../config/state_paths.ts");
  return statePaths(stateHome(context.io.env)).configFile;
}

/**
 * The configuration, completed by the defaults of a built-in agent that it does not mention. Such an agent's `command`
 * is
 * `null`, which means that its executable is looked for in PATH.
 */
async function withDefaultsOfAgent(config: Config, key: string): Promise<object> {
  const { Config } = await import("../../config/schema.ts");
  const [group, name = ""] = key.split(".");
  const { success, data } = Config.safeParse({ agents: { [name]: {} } });
  if (group !== "agents" || !success) return config;
  return { agents: { [name]: { command: null, ...data.agents[name], ...config.agents[name] } } };
}
