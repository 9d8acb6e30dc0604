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
 * The script of the wrapper. Arguments: turn directory, exit file, umask of the agent, "exact" or "", stdin of the
 * agent, number of the feeder's words, those words, executable, its arguments. Without a feeder the number is 0.
 *
 * - The script's variables have a prefix that no variable of its own environment has. So what it passes on to the agent
 *   is unchanged.
 * - `set -C` makes the claim file only where there is none. So exactly one wrapper runs a turn, and a second one
 *   changes nothing. Where the daemon has made the FIFO, the script starts no process before the agent. Otherwise it
 *   starts `mkfifo`, from the usual directories first, since the agent's PATH may not have it.
 * - Unlike an ignored signal, a trap is not inherited. So a signal to the process group ends the agent and spares the
 *   wrapper. A signal that comes before the agent is started ends the turn without starting it.
 * - Files are written in place, each with one `printf`. The newline at its end makes a file whole. Writing to another
 *   name and renaming would cost a process of 3 ms at the start and at the end of every turn.
 * - The five bytes of the exit record are written before the agent runs, so that a full disk cannot lose its exit code.
 *   Where the directory of exit records was removed, the record is written to the turn's directory.
 * - The files for the agent's output are made before the pid is written. When one cannot be made (no free inodes), the
 *   wrapper refuses the turn and the agent is not started.
 * - `/proc/self` is the shell that reads it, so start time and boot id cost no process. Without `/proc` (macOS) the pid
 *   file holds the pid alone and the agent file stays empty, without a word in the agent's stderr.
 * - With "exact", the wrapper's stdin holds the agent's environment. The executable is then a process of this program
 *   that reads it from descriptor 8 (see `become_agent.ts`).
 * - A feeder writes the growing file into the FIFO that is the agent's stdin. It holds nothing of the wrapper's, so the
 *   turn does not look alive when only the feeder is. It is killed when the agent has ended, and is gone before the exit
 *   record is written. The wrapper holds the FIFO open for reading too, and reads nothing: else `tail` would notice by
 *   itself that its reader is gone, and end. So a feeder that is gone already was ended by somebody else, and the `cut`
 *   file says so. Its start time is compared first, where there is `/proc`: its pid may have been given away.
 */
export const WRAPPER_SCRIPT =
  `${V}dir=$1 ${V}exit_file=$2 ${V}umask=$3 ${V}exact=$4 ${V}input=$5 ${V}feeders=$6
shift 6
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
  if { read -r ${V}stat </proc/self/stat && read -r ${V}boot </proc/sys/kernel/random/boot_id; } 2>/dev/null; then
    ${V}pid=\${${V}stat%% *}
    set -- \${${V}stat##*) }
    printf '%s %s %s\\n' "$${V}pid" "\${20}" "$${V}boot"
  elif [ -n "$1" ]; then
    printf '%s\\n' "$1"
  fi
}
${V}started() {
  ${V}time=
  { read -r ${V}stat <"/proc/$1/stat"; } 2>/dev/null || return 0
  set -- \${${V}stat##*) }
  [ "$1" = Z ] || ${V}time=\${20}
}
${V}fifo() {
  [ -p "$1" ] || (PATH="/usr/bin:/bin\${PATH:+:$PATH}"; exec mkfifo "$1")
  [ -p "$1" ] || exit ${WRAPPER_REFUSED}
}
umask 077
${V}fifo "$${V}dir/alive"
[ "$${V}feeders" = 0 ] || ${V}fifo "$${V}dir/feed"
set -C
true >"$${V}dir/claim" || exit ${WRAPPER_REFUSED}
set +C
exec 9<>"$${V}dir/alive" || exit ${WRAPPER_REFUSED}
${V}prepare() { printf '%-5s' '' >"$${V}exit_file"; }
${V}prepare || { ${V}exit_file=$${V}dir/exit && ${V}prepare; } || exit ${WRAPPER_REFUSED}
true >>"$${V}dir/stderr.log" && true >>"$${V}dir/raw.jsonl" || exit ${WRAPPER_REFUSED}
${V}identify "$$" >"$${V}dir/pid" || exit ${WRAPPER_REFUSED}
${V}feeder=
if [ -z "$${V}early" ]; then
  if [ "$${V}feeders" != 0 ]; then
    (
      ${V}rest=$(($# - ${V}feeders))
      while [ "$${V}feeders" != 0 ]; do
        set -- "$@" "$1"
        shift
        ${V}feeders=$((${V}feeders - 1))
      done
      shift "$${V}rest"
      exec "$@" "$${V}dir/in.jsonl" >"$${V}dir/feed" 2>/dev/null
    ) </dev/null 9>&- &
    ${V}feeder=$!
    exec 7<"$${V}dir/feed"
    ${V}started "$${V}feeder"
    ${V}born=$${V}time
    printf '%s\\n' "$${V}feeder\${${V}born:+ $${V}born $${V}boot}" >"$${V}dir/feeder"
    shift "$${V}feeders"
  fi
  (
    ${V}identify '' >"$${V}dir/agent"
    umask "$${V}umask"
    [ -n "$${V}exact" ] || exec 8<&-
    exec "$@"
  ) 8<&0 <"$${V}input" 7<&- >>"$${V}dir/raw.jsonl" 2>>"$${V}dir/stderr.log" 9>&-
  ${V}code=$?
  if [ -n "$${V}feeder" ]; then
    ${V}started "$${V}feeder"
    if [ "$${V}time" = "$${V}born" ] && kill -9 "$${V}feeder" 2>/dev/null; then
      wait "$${V}feeder"
      wait "$${V}feeder"
    else
      true >"$${V}dir/cut"
    fi
  fi
else
  ${V}code=$${V}early
fi
${V}record() { printf '%-4s\\n' "$${V}code" 1<>"$1"; }
${V}record "$${V}exit_file" || ${V}record "$${V}dir/exit"
`;
