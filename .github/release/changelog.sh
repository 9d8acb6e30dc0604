#!/bin/sh
# What a release says of itself, from CHANGELOG.md: `changelog.sh v1.2.3` prints the section of that version. A
# pre-release that has none of its own (`v1.2.3-rc.1`) gets that of its version, else what is not released yet.

set -eu

file=$(dirname "$0")/../../CHANGELOG.md
version=${1#v}

section() {
  awk -v head="## [$1]" '
    index($0, "## [") == 1 { inside = index($0, head) == 1; next }
    inside { print }
  ' "$file" | sed -e '/./,$!d'
}

for name in "$version" "${version%%-*}" Unreleased; do
  text=$(section "$name")
  if [ -n "$text" ]; then
    printf '%s\n' "$text"
    exit 0
  fi
  case $version in
    *-*) ;;
    *) break ;;
  esac
done
printf 'CHANGELOG.md has no section for %s\n' "$version" >&2
exit 1
