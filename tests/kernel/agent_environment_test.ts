import assert from "node:assert/strict";
import {
  canShellCarry,
  isCarriedByShells,
  SCRIPT_VARIABLE_PREFIX,
} from "../../src/kernel/wrapper/shell_environment.ts";
import { ShellWrapper } from "../../src/kernel/wrapper/shell_wrapper.ts";
import { environmentEntries, parseEnvironment } from "../../src/system/processes/environment_bytes.ts";
import { canSpawn, spawnProcess } from "../../src/system/processes/spawn_process.ts";
import { KernelHome } from "../support/kernel_home.ts";
import { asSh, SHELLS } from "../support/shells.ts";
import { testUnless } from "../support/skippable.ts";
import { BECOME_AGENT } from "../support/wrappers.ts";

const NO_PROC = Deno.build.os === "linux" ? null : "no /proc to read an environment from";

/** Every name that any of the shells' manuals has, and names that people export. */
const NAMES = `
  BASH BASHOPTS BASHPID BASH_ALIASES BASH_ARGC BASH_ARGV BASH_ARGV0 BASH_CMDS BASH_COMMAND BASH_COMPAT BASH_ENV
  BASH_EXECUTION_STRING BASH_LINENO BASH_LOADABLES_PATH BASH_REMATCH BASH_SOURCE BASH_SUBSHELL BASH_VERSINFO BASH_VERSION
  BASH_XTRACEFD CDPATH CHILD_MAX COLUMNS COMPREPLY COMP_CWORD COMP_KEY COMP_LINE COMP_POINT COMP_TYPE COMP_WORDBREAKS
  COMP_WORDS COPROC DIRSTACK EMACS ENV EPOCHREALTIME EPOCHSECONDS EUID EXECIGNORE FCEDIT FIGNORE FUNCNAME FUNCNEST
  GLOBIGNORE GLOBSORT GROUPS HISTCMD HISTCONTROL HISTFILE HISTFILESIZE HISTIGNORE HISTSIZE HISTTIMEFORMAT HOME HOSTFILE
  HOSTNAME HOSTTYPE IFS IGNOREEOF INPUTRC INSIDE_EMACS LANG LANGUAGE LC_ALL LC_COLLATE LC_CTYPE LC_MESSAGES LC_NUMERIC
  LC_TIME LINENO LINES LOGNAME MACHTYPE MAIL MAILCHECK MAILPATH MAPFILE OPTARG OPTERR OPTIND OSTYPE PATH PIPESTATUS
  POSIXLY_CORRECT POSIX_PEDANTIC PPID PROMPT_COMMAND PROMPT_DIRTRIM PS0 PS1 PS2 PS3 PS4 RANDOM READLINE_LINE
  READLINE_POINT REPLY SECONDS SHELL SHELLOPTS SRANDOM TERM TIMEFORMAT TMOUT TMPDIR TZ UID USER VISUAL EDITOR
  auto_resume histchars dir exit_file input mask early code pid stat boot own identify prepare record true a_1 _x http_proxy
`.trim().split(/\s+/);

const VALUES = [
  "",
  "x",
  "1",
  "007",
  " a  b\n$HOME\\'\"`id`*",
  "() { echo function; }",
  "errexit:xtrace",
  "\udcff\udcfe",
  "ü",
];

/** What a shell may do as it likes. */
const FREE = new Set(["_", "SHLVL", "OLDPWD"]);

function temporaryDirectory(): { path: string } & Disposable {
  const path = Deno.makeTempDirSync({ prefix: "agent-async-test-" });
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

function without(env: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !FREE.has(name)).sort());
}

for (const { name: title, program, path } of SHELLS) {
  const missing = path === null ? `no ${program} on this machine` : NO_PROC;

  testUnless(
    missing ?? (canSpawn() ? null : "no posix_spawn here"),
    `shell_environment: every variable that ${title} is trusted with arrives byte for byte`,
    async () => {
      await using home = new KernelHome();
      const sh = asSh(path!, home.root);
      const changed = new Set<string>();
      const awake = setInterval(() => {}, 1_000);
      // All names at once, so that a value may meet what it does to another.
      for (const [index, value] of VALUES.entries()) {
        const trusted = NAMES.filter(isCarriedByShells);
        const env = Object.fromEntries(trusted.map((name) => [name, value]));
        const out = `${home.root}/environment.${index}`;
        const shown = spawnProcess({
          executable: sh,
          args: ["-c", `/bin/cat /proc/self/environ >'${out}'; exit 7`],
          env: environmentEntries(env),
          cwd: home.root,
        });
        assert.equal((await shown.status).code, 7, `${title} with ${JSON.stringify(value)}`);
        const seen = parseEnvironment(Deno.readFileSync(out));
        for (const name of trusted) if (seen[name] !== value) changed.add(name);
        for (const name of Object.keys(seen)) {
          if (!trusted.includes(name) && !FREE.has(name) && name !== "PWD") changed.add(name);
        }
      }
      clearInterval(awake);
      assert.deepEqual([...changed], []);
    },
  );

  for (const spawns of [true, false]) {
    const how = spawns ? "posix_spawn" : "Deno.Command";
    testUnless(
      missing ?? (spawns && !canSpawn() ? "no posix_spawn here" : null),
      `launch: below ${title} an agent has exactly the environment that was asked for (${how})`,
      async () => {
        using shells = temporaryDirectory();
        const shell = asSh(path!, shells.path);
        const wrapper = new ShellWrapper({ becomeAgent: BECOME_AGENT, spawns, shell });
        await using home = new KernelHome({ wrapper });
        const usual = {
          dir: "1",
          input: "2",
          pid: "3",
          exit_file: "4",
          early: "5",
          mask: "6",
          stat: "7",
          boot: "8",
          code: "9",
          true: "no",
          LINES: "a\nb",
          EMPTY: "",
          ENV: `${home.root}/startup`,
          QUOTED: `'"\\$(id)`,
          NOT_UTF_8: "\udcff=\udc80",
        };
        const odd = {
          ...usual,
          "NAME_\udcff": "1",
          "a.b": "1",
          "FOO-BAR": "2",
          "npm_config_//registry.invalid/:_authToken": "secret",
          "BASH_FUNC_printf%%": "() {  echo stolen\n}",
          "BASH_FUNC_read%%": "() {  return 1\n}",
          "BASH_ENV": `${home.root}/startup`,
          [`${SCRIPT_VARIABLE_PREFIX}dir`]: "/nowhere",
          IFS: "0123456789",
          OPTIND: "",
          PPID: "1",
          PS1: "",
          PS4: "$(id)",
          SHELLOPTS: "errexit:xtrace:noclobber:allexport:noexec",
          POSIXLY_CORRECT: "",
          LINENO: "",
        };
        Deno.writeTextFileSync(`${home.root}/startup`, "exit 3");
        for (const env of [usual, odd]) {
          const turn = home.newTurn();
          const asked = { ...home.env(turn.jobId), ...env };
          assert.equal(canShellCarry(asked), env === usual);
          const launched = home.launch(turn, {
            executable: "/bin/cat",
            args: ["/proc/self/environ"],
            env: asked,
          });
          await launched.status;
          assert.equal(launched.process.exitRecord(), 0, Deno.readTextFileSync(turn.stderrFile));
          assert.equal(Deno.readTextFileSync(turn.stderrFile), "");
          const seen = parseEnvironment(Deno.readFileSync(turn.rawFile));
          assert.deepEqual(without(seen), without({ ...asked, PWD: home.root }));
          // Nothing of it is left where it was handed over.
          assert.deepEqual([...Deno.readDirSync(home.directories.environmentsPath)], []);
        }
      },
    );
  }
}
