#!/bin/sh
# Whether an executable starts here: `smoke.sh EXECUTABLE [VERSION]`. It must say its version, and greet a host as MCP
# server. Needs no agent, no login and no network.

set -eu

executable=$1
expected=${2:-}

directory=$(cd "$(dirname "$executable")" && pwd)
executable=$directory/$(basename "$executable")

said=$("$executable" version </dev/null)
echo "$said"
[ -z "$expected" ] || [ "$said" = "agent-async $expected" ] || {
  echo "smoke.sh: expected version $expected" >&2
  exit 1
}

AGENT_ASYNC_HOME=$(mktemp -d)
# A path of the shell that Windows has for such scripts means nothing to a program.
if command -v cygpath >/dev/null; then AGENT_ASYNC_HOME=$(cygpath -w "$AGENT_ASYNC_HOME"); fi
export AGENT_ASYNC_HOME

request='{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"smoke","version":"1"}}}'
answer=$(printf '%s\n' "$request" | "$executable" mcp)
case $answer in
  *'"name":"agent-async"'*) echo 'It greets a host.' ;;
  *)
    echo "smoke.sh: no greeting: $answer" >&2
    exit 1
    ;;
esac
