#!/bin/sh
# Installs agent-async, or updates what was installed before:
#
#   curl -fsSL https://github.com/agent-async/agent-async/releases/latest/download/install.sh | sh
#
# AGENT_ASYNC_INSTALL_DIR  where to; ~/.local/bin unless set
# AGENT_ASYNC_RELEASE_URL  where from; the newest release unless set
#
# Its one rule: what was there before stays until the new program has been checked and has started once.
# Everything is in functions, so that a script of which only a part arrived does nothing.

set -eu

release_url=${AGENT_ASYNC_RELEASE_URL:-https://github.com/agent-async/agent-async/releases/latest/download}
draft=''

main() {
  [ -n "${HOME:-}" ] || [ -n "${AGENT_ASYNC_INSTALL_DIR:-}" ] || fail 'HOME is not set'
  directory=${AGENT_ASYNC_INSTALL_DIR:-$HOME/.local/bin}
  while [ "$directory" != "${directory%/}" ]; do directory=${directory%/}; done
  case $directory in
    /*) ;;
    *) fail "AGENT_ASYNC_INSTALL_DIR: must be an absolute path, not $directory" ;;
  esac
  check_url
  has sha256sum || has shasum || fail 'needs sha256sum or shasum'
  asset=$(asset_name)
  target=$directory/agent-async
  [ ! -d "$target" ] || fail "$target is a directory"

  mkdir -p "$directory" || fail "cannot create $directory"
  clear_abandoned
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  draft=$(mktemp -d "$directory/.agent-async-install.XXXXXX") || fail "cannot write in $directory"

  download SHA256SUMS
  expected=$(checksum_of "$asset")
  [ -n "$expected" ] || fail "this release has no $asset: see $release_url"

  if [ -f "$target" ] && [ "$(sha256 "$target")" = "$expected" ]; then
    say "agent-async is up to date: $target"
  else
    install_program
  fi
  advise_path
  offer_registration
}

install_program() {
  say "Downloading $asset from $release_url"
  download "$asset"
  [ "$(sha256 "$draft/$asset")" = "$expected" ] ||
    fail "$asset does not have the checksum that SHA256SUMS names. Nothing was changed."
  chmod 755 "$draft/$asset"
  version=$("$draft/$asset" version </dev/null) ||
    fail 'the downloaded program does not start on this machine. Nothing was changed.'
  # One step: a program that runs goes on with its old file.
  mv -f "$draft/$asset" "$target" || fail "cannot write $target"
  say "Installed $version: $target"
}

# The name of the release's file for this machine; src/cli/update/asset_name.ts has the same names.
asset_name() {
  system=$(uname -s)
  machine=$(uname -m)
  # A shell that Rosetta translates says x86_64 on an Apple processor.
  if [ "$system" = Darwin ] && [ "$(sysctl -n sysctl.proc_translated 2>/dev/null || true)" = 1 ]; then
    machine=arm64
  fi
  case $machine in
    x86_64 | amd64) machine=x86_64 ;;
    aarch64 | arm64) machine=aarch64 ;;
    *) fail "no release is made for processors of type $machine" ;;
  esac
  case $system in
    Linux)
      if is_musl; then fail 'no release is made for Linux with musl (such as Alpine): it needs glibc'; fi
      echo "agent-async-$machine-unknown-linux-gnu"
      ;;
    Darwin) echo "agent-async-$machine-apple-darwin" ;;
    MINGW* | MSYS* | CYGWIN*) fail 'this script is for Linux and macOS; on Windows download the .exe yourself' ;;
    *) fail "no release is made for $system" ;;
  esac
}

is_musl() {
  case $(ldd --version 2>&1 || true) in
    *musl*) return 0 ;;
    *) return 1 ;;
  esac
}

# Only https, or this machine: anybody on the way could change the rest.
check_url() {
  case $release_url in
    *@*) fail "AGENT_ASYNC_RELEASE_URL: $release_url must not name a user" ;;
    https://*)
      protocols='=https'
      redirections=20
      ;;
    http://127.0.0.1[:/]* | http://localhost[:/]*)
      protocols='=http'
      redirections=0
      ;;
    *) fail "AGENT_ASYNC_RELEASE_URL: $release_url is no https address" ;;
  esac
  release_url=${release_url%/}
}

# download NAME: the release's file NAME, into the draft directory. Wherever it is sent on to is an address like the
# first: one step over plain http would be enough to be given another program with its checksums.
download() {
  if has curl; then
    curl --fail --silent --show-error --location --proto "$protocols" --proto-redir "$protocols" \
      --max-redirs "$redirections" --connect-timeout 30 --speed-time 60 --speed-limit 1 \
      --output "$draft/$1" "$release_url/$1" || fail "cannot download $release_url/$1"
  elif has wget; then
    # Others (of BusyBox) follow wherever they are sent, and check no certificate.
    case $(wget --version 2>&1 || true) in
      *'GNU Wget'*) ;;
      *) fail 'needs curl: this wget does not check where it is sent on to' ;;
    esac
    download_by_wget "$1"
  else
    fail 'needs curl or wget'
  fi
}

# As above, step by step.
download_by_wget() {
  address=$release_url/$1
  steps=0
  until wget --server-response --max-redirect=0 -T 60 -O "$draft/$1" "$address" 2>"$draft/response"; do
    location=$(sed -n 's/^ *[Ll][Oo][Cc][Aa][Tt][Ii][Oo][Nn]: *\([^ ]*\).*$/\1/p' "$draft/response" | sed -n '$p')
    [ -n "$location" ] || fail "cannot download $release_url/$1"
    steps=$((steps + 1))
    [ "$steps" -le "$redirections" ] || fail "cannot download $release_url/$1: it is sent on and on"
    case $location in
      https://*) address=$location ;;
      *://* | //*) fail "cannot download $release_url/$1: it is sent on to $location" ;;
      /*) address=$(printf '%s\n' "$address" | sed 's|^\(https://[^/]*\).*$|\1|')$location ;;
      *) address=${address%/*}/$location ;;
    esac
  done
}

# checksum_of NAME: what SHA256SUMS says of it; nothing when it says nothing.
checksum_of() {
  while read -r sum name; do
    [ "${name#\*}" != "$1" ] || echo "$sum"
  done <"$draft/SHA256SUMS"
}

sha256() {
  if has sha256sum; then
    sha256sum <"$1" | cut -d ' ' -f 1
  else
    shasum -a 256 <"$1" | cut -d ' ' -f 1
  fi
}

advise_path() {
  case :${PATH:-}: in
    *":$directory:"*)
      found=$(command -v agent-async || true)
      [ -z "$found" ] || [ "$found" = "$target" ] ||
        say "Another agent-async comes first on your PATH: $found"
      return 0
      ;;
    *) ;;
  esac
  say "$directory is not on your PATH. Add it:"
  case ${SHELL:-} in
    */fish) say "  fish_add_path $directory" ;;
    */zsh) say "  echo 'export PATH=\"$directory:\$PATH\"' >>~/.zshrc" ;;
    */bash) say "  echo 'export PATH=\"$directory:\$PATH\"' >>~/.bashrc" ;;
    *) say "  export PATH=\"$directory:\$PATH\"" ;;
  esac
}

# Asks on the terminal only, which may be there although this script itself comes through a pipe.
offer_registration() {
  if [ ! -t 1 ] || ! (: </dev/tty) 2>/dev/null; then
    say "Register it with your assistants: agent-async list-agents, then agent-async add-agent HOST"
    return 0
  fi
  "$target" list-agents </dev/null || return 0
  printf 'Register agent-async with which of these? (names, Enter for none) '
  read -r hosts </dev/tty || hosts=''
  for host in $hosts; do
    "$target" add-agent "$host" </dev/tty || say "To try again: agent-async add-agent $host"
  done
}

# What killed installations and updates left here, a day ago or more: until then it may be somebody's.
clear_abandoned() {
  has find || return 0
  find "$directory" -maxdepth 1 -name '.agent-async-[iu]*' -mtime +0 -exec rm -rf {} + 2>/dev/null || true
}

clean_up() {
  [ -z "$draft" ] || rm -rf "$draft"
}

has() {
  command -v "$1" >/dev/null 2>&1
}

say() {
  printf '%s\n' "$1"
}

fail() {
  printf 'install.sh: %s\n' "$1" >&2
  exit 1
}

main
