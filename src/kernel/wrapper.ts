/**
 * Room `kernel`: the POSIX shell script that stands between the daemon and an agent, so that the agent and its exit
 * code outlive the daemon. It is constant text: everything that varies is an argument.
 *
 * @module
 */

import { WRAPPER_REFUSED } from "./turn_wrapper.ts";

/**
 * Arguments: turn directory, exit file, stdin of the agent, executable, its arguments.
 *
 * - `own` runs a program of the system's, whatever the agent's PATH or exported shell functions are.
 * - `mkfifo` fails when the FIFO exists: so exactly one wrapper ever runs a turn, and another one leaves no trace.
 * - A trap, unlike an ignored signal, is not inherited: a signal to the group ends the agent and spares the wrapper.
 *   One that comes before the agent is started ends the turn without starting it.
 * - Files are written where they stay, each with one `printf` that ends in a newline, which makes them whole: a program
 *   of the system's to rename them would cost 3 ms at the begin and at the end of every turn.
 * - The exit record's five bytes are allocated before the agent runs: a disk that it fills cannot lose its exit code.
 *   Where somebody has taken the directory of exit records away, it is written to where it would be archived.
 * - `/proc/self` is the shell that reads it: start time and boot id cost no further process. Without `/proc` (macOS)
 *   the pid file holds the pid alone and the agent file stays empty.
 */
export const WRAPPER_SCRIPT = `dir=$1 exit_file=$2 input=$3
shift 3
early=
trap 'early=129' HUP
trap 'early=130' INT
trap 'early=131' QUIT
trap 'early=141' PIPE
trap 'early=142' ALRM
trap 'early=143' TERM
trap 'early=138' USR1
trap 'early=140' USR2
own() { (PATH="/usr/bin:/bin\${PATH+:$PATH}"; exec "$@"); }
identify() {
  if read -r stat </proc/self/stat && read -r boot </proc/sys/kernel/random/boot_id; then
    pid=\${stat%% *}
    set -- \${stat##*) }
    printf '%s %s %s\\n' "$pid" "\${20}" "$boot"
  elif [ -n "$1" ]; then
    printf '%s\\n' "$1"
  fi
}
mask=$(umask)
umask 077
own mkfifo "$dir/alive" || exit ${WRAPPER_REFUSED}
exec 9<>"$dir/alive" || exit ${WRAPPER_REFUSED}
prepare() { printf '%-5s' '' >"$exit_file"; }
prepare || { exit_file=$dir/exit && prepare; } || exit ${WRAPPER_REFUSED}
identify "$$" >"$dir/pid" || exit ${WRAPPER_REFUSED}
if [ -z "$early" ]; then
  (
    identify '' >"$dir/agent"
    umask "$mask"
    exec "$@"
  ) <"$input" >>"$dir/raw.jsonl" 2>>"$dir/stderr.log" 9>&-
  code=$?
else
  code=$early
fi
record() { printf '%-4s\\n' "$code" 1<>"$1"; }
record "$exit_file" || record "$dir/exit"
`;
