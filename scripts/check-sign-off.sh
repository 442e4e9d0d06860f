#!/bin/sh
# Fails where a commit of the given range lacks a Signed-off-by line of its author (Developer Certificate of Origin 1.1).
# Use: scripts/check-sign-off.sh BASE..HEAD
set -eu
unsigned=0
commits=$(git rev-list --no-merges "$1")
for commit in $commits; do
  author=$(git log -1 --format='%an <%ae>' "$commit")
  if ! git log -1 --format='%(trailers:key=Signed-off-by,valueonly)' "$commit" | grep -qxF "$author"; then
    echo "commit $commit by $author is not signed off: git rebase --signoff ${1%%..*}"
    unsigned=1
  fi
done
exit $unsigned
