#!/bin/sh
# What has changed since the release before, as a list of the commits' first lines: `changelog.sh TAG`. Needs the
# history and its tags.

set -eu

tag=$1
before=$(git describe --tags --abbrev=0 --match 'v*' "$tag^" 2>/dev/null || true)

if [ -n "$before" ]; then
  printf '## Changes since %s\n\n' "$before"
  range=$before..$tag
else
  printf '## Changes\n\n'
  range=$tag
fi
git log --no-merges --reverse --format='- %s (%h)' "$range"
