#!/bin/sh
# One PostgreSQL cluster for a whole run of CTest: it lives as long as the
# program that calls this.
#
# usage: postgres_for_ctest.sh FILE   the URL of the server is written there
set -eu
file=$1
here=$(cd "$(dirname "$0")" && pwd)
rm -f "$file" "$file.directory"
(tail --pid="$PPID" -f /dev/null |
  "$here/postgres_cluster.sh" max_connections=400 >"$file.directory" 2>"$file.log"
) </dev/null >/dev/null 2>&1 &
cluster=$!
until [ -s "$file.directory" ]; do
  kill -0 "$cluster" 2>/dev/null || {
    cat "$file.log" >&2
    exit 1
  }
  sleep 0.1
done
echo "postgresql:///postgres?user=troupe&host=$(cat "$file.directory")" >"$file"
