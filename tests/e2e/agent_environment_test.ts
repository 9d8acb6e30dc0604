/** What a host has in its environment reaches the agent as it is, through front-end, daemon and wrapper. */
import assert from "node:assert/strict";
import { parseEnvironment } from "../../src/system/processes/environment_bytes.ts";
import { hostEnvironment, programCommand, runProgram } from "../support/program.ts";
import { NOT_LINUX, testUnless } from "../support/skippable.ts";
import { makeStateHome } from "../support/state_home.ts";

/** Each of them ends a daemon, a wrapper or a job where a shell on the way takes it for its own. */
const HOSTILE: Readonly<Record<string, string>> = {
  OPTIND: "",
  IFS: "0123456789",
  SHELLOPTS: "errexit:noexec",
  BASH_ENV: "/nowhere",
  "BASH_FUNC_printf%%": "() { echo stolen; }",
  "a.b": "1",
  "npm_config_//registry.invalid/:_authToken": "secret",
  dir: "/nowhere",
  exit_file: "/nowhere",
  PPID: "1",
};

/** Under full-auto nothing is added that would keep git from what a repository brings. */
const TELL = ["run", "-a", "teller", "-p", "full-auto", "--json", "tell"];

testUnless(
  NOT_LINUX,
  "a host with a hostile environment gets its daemon, and its agent exactly that environment",
  async () => {
    await using state = makeStateHome({
      agents: {
        teller: {
          command: "/bin/cat",
          args: ["/proc/self/environ"],
          version_args: ["--version"],
          policy_args: { "full-auto": [] },
        },
      },
    });
    // A byte that is no UTF-8 can be given by a shell alone; what a shell chokes on comes behind it.
    const words = Object.entries(HOSTILE).map(([name, value]) => `${name}=${value}`);
    const strange = 'exec /usr/bin/env "NOT_UTF_8=$(printf \'a\\377b\')" "$@"';
    const program = ["/bin/sh", "-c", strange, "sh", ...words, ...programCommand()] as const;
    const { code, stdout, stderr } = await runProgram(state, TELL, {
      program: ["/bin/sh", ...program.slice(1)],
    });
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    const { job_id } = JSON.parse(stdout);
    const raw = parseEnvironment(Deno.readFileSync(`${state.home}/jobs/${job_id}/turns/1/raw.jsonl`));
    const { AGENT_ASYNC_JOB_ID, AGENT_ASYNC_DEPTH, PWD, ...seen } = raw;
    assert.deepEqual({ AGENT_ASYNC_JOB_ID, AGENT_ASYNC_DEPTH, PWD }, {
      AGENT_ASYNC_JOB_ID: job_id,
      AGENT_ASYNC_DEPTH: "1",
      PWD: state.cwd,
    });
    for (const name of ["_", "SHLVL", "OLDPWD"]) delete seen[name];
    // What keeps a repository's own programs from running is added below full-auto.
    for (const name of Object.keys(seen)) if (name.startsWith("GIT_")) delete seen[name];
    assert.deepEqual(
      Object.entries(seen).sort(),
      Object.entries({ ...hostEnvironment(state), ...HOSTILE, NOT_UTF_8: "a\udcffb" }).sort(),
    );
    assert.equal((await runProgram(state, ["daemon", "stop"])).code, 0);
    assert.deepEqual([...Deno.readDirSync(`${state.home}/environments`)], []);
  },
);
