/**
 * Room `kernel`: the POSIX shell script that stands between the daemon and an agent, so that the agent and its exit
 * code outlive the daemon. It is constant text: everything that varies is an argument.
 *
 * @module
 */

import { SCRIPT_VARIABLE_PREFIX } from "./shell_environment.ts";
import { WRAPPER_REFUSED } from "./turn_wrapper.ts";

const V = SCRIPT_VARIABLE_PREFIX;

/**
 * Arguments: turn directory, exit file, umask of the agent, "exact" or "", stdin of the agent, executable, its
 * arguments.
 *
 * - Its variables have names that its own environment never has: so what is exported to it reaches the agent as it is.
 * - `set -C` opens the claim only where there is none: so exactly one wrapper ever runs a turn, and another one leaves
 *   no trace. No process is needed for that, nor for anything else before the agent, where the daemon has made the FIFO.
 *   Otherwise `mkfifo` is looked for where systems have it, whatever the agent's PATH is.
 * - A trap, unlike an ignored signal, is not inherited: a signal to the group ends the agent and spares the wrapper.
 *   One that comes before the agent is started ends the turn without starting it.
 * - Files are written where they stay, each with one `printf` that ends in a newline, which makes them whole: a program
 *   of the system's to rename them would cost 3 ms at the begin and at the end of every turn.
 * - The exit record's five bytes are allocated before the agent runs: a disk that it fills cannot lose its exit code.
 *   Where somebody has taken the directory of exit records away, it is written to where it would be archived.
 * - All files that the agent needs are made before the pid is told: where there is no room for one of them (no free
 *   inodes) the turn is refused, and not begun without its output.
 * - `/proc/self` is the shell that reads it: start time and boot id cost no further process. Without `/proc` (macOS)
 *   the pid file holds the pid alone and the agent file stays empty.
 * - "exact": the wrapper's stdin is the agent's environment, and the executable a program of ours that reads it as
 *   descriptor 8 (see `become_agent.ts`).
 */
export const WRAPPER_SCRIPT = `${V}dir=$1 ${V}exit_file=$2 ${V}umask=$3 ${V}exact=$4 ${V}input=$5
shift 5
${V}early=
trap '${V}early=129' HUP
trap '${V}early=130' INT
trap '${V}early=131' QUIT
trap '${V}early=141' PIPE
trap '${V}early=142' ALRM
trap '${V}early=143' TERM
trap '${V}early=138' USR1
trap '${V}early=140' USR2
${V}identify() {
  if read -r ${V}stat </proc/self/stat && read -r ${V}boot </proc/sys/kernel/random/boot_id; then
    ${V}pid=\${${V}stat%% *}
    set -- \${${V}stat##*) }
    printf '%s %s %s\\n' "$${V}pid" "\${20}" "$${V}boot"
  elif [ -n "$1" ]; then
    printf '%s\\n' "$1"
  fi
}
umask 077
[ -p "$${V}dir/alive" ] || (PATH="/usr/bin:/bin\${PATH:+:$PATH}"; exec mkfifo "$${V}dir/alive")
[ -p "$${V}dir/alive" ] || exit ${WRAPPER_REFUSED}
set -C
true >"$${V}dir/claim" || exit ${WRAPPER_REFUSED}
set +C
exec 9<>"$${V}dir/alive" || exit ${WRAPPER_REFUSED}
${V}prepare() { printf '%-5s' '' >"$${V}exit_file"; }
${V}prepare || { ${V}exit_file=$${V}dir/exit && ${V}prepare; } || exit ${WRAPPER_REFUSED}
true >>"$${V}dir/stderr.log" && true >>"$${V}dir/raw.jsonl" || exit ${WRAPPER_REFUSED}
${V}identify "$$" >"$${V}dir/pid" || exit ${WRAPPER_REFUSED}
if [ -z "$${V}early" ]; then
  (
    ${V}identify '' >"$${V}dir/agent"
    umask "$${V}umask"
    [ -n "$${V}exact" ] || exec 8<&-
    exec "$@"
  ) 8<&0 <"$${V}input" >>"$${V}dir/raw.jsonl" 2>>"$${V}dir/stderr.log" 9>&-
  ${V}code=$?
else
  ${V}code=$${V}early
fi
${V}record() { printf '%-4s\\n' "$${V}code" 1<>"$1"; }
${V}record "$${V}exit_file" || ${V}record "$${V}dir/exit"
`;
