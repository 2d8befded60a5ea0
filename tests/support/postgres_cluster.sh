#!/bin/sh
# A PostgreSQL cluster of a test's own, on a socket in a directory of its own:
# no port, no leftovers. It lives as long as somebody holds this script's
# standard input open, so it ends with the test however that ends.
#
# usage: postgres_cluster.sh [SETTING=VALUE …]
# prints the directory of its socket when it answers; user and database are
# "troupe" and "postgres". Of the lines of its input, "stop" ends the server at
# once, as a crash does, "kill" ends all its processes without a word, and
# "start" starts it again; each is answered by itself once that is done, or by
# "failed". TROUPE_CLUSTER_PARENT: where the directory shall be, instead of in
# memory; TROUPE_CLUSTER_LOG: where that of its write-ahead log shall be,
# in files of a megabyte; TROUPE_CLUSTER_PRIMARY: the directory of the socket of
# the one whose standby it shall be.
set -eu

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
# Memory is fast also where every commit is synced, as the store demands it;
# containers often have too little of it.
base=${TMPDIR:-/tmp}
free=$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')
if [ -n "${TROUPE_CLUSTER_PARENT:-}" ]; then
  base=$TROUPE_CLUSTER_PARENT # on the disk that is meant
elif [ -w /dev/shm ] && [ "${free:-0}" -gt 1000000 ]; then
  base=/dev/shm
fi
at=$(mktemp -d "$base/troupe-postgres-XXXXXX")
end() {
  [ -z "${server:-}" ] || { kill -QUIT "$server" && wait "$server" || true; }
  rm -rf "$at"
}
trap end EXIT
trap 'exit 1' HUP INT TERM

# PostgreSQL does not run as root.
as=
if [ "$(id -u)" = 0 ]; then
  chown nobody "$at"
  as='setpriv --reuid=nobody --regid=nogroup --clear-groups'
fi
cd / # whatever disk it is on can be unmounted
if [ -n "${TROUPE_CLUSTER_PRIMARY:-}" ]; then
  $as "${bin:+$bin/}pg_basebackup" -D "$at/data" -h "$TROUPE_CLUSTER_PRIMARY" \
    -U troupe --checkpoint=fast --write-recovery-conf --no-sync >"$at/log" 2>&1
else
  $as "${bin:+$bin/}initdb" -D "$at/data" -U troupe -A trust -E UTF8 \
    --locale=C --data-checksums --no-sync \
    ${TROUPE_CLUSTER_LOG:+-X "$TROUPE_CLUSTER_LOG/wal" --wal-segsize=1} >"$at/log" 2>&1
fi || { cat "$at/log" >&2; exit 1; }
set -- listen_addresses= unix_socket_directories="$at" max_connections=50 \
  shared_buffers=32MB checkpoint_timeout=1h autovacuum_naptime=1h \
  logging_collector=off log_min_messages=fatal \
  dynamic_shared_memory_type=mmap "$@"
for each; do
  printf "%s = '%s'\n" "${each%%=*}" "${each#*=}" >>"$at/data/postgresql.conf"
done
start() {
  $as "${bin:+$bin/}postgres" -D "$at/data" </dev/null >>"$at/log" 2>&1 &
  server=$!
  tries=0
  until "${bin:+$bin/}pg_isready" -q -h "$at" -U troupe -d postgres; do
    tries=$((tries + 1))
    if [ "$tries" = 300 ] || ! kill -0 "$server" 2>/dev/null; then
      cat "$at/log" >&2
      return 1
    fi
    sleep 0.1
  done
}
stop() {
  kill -QUIT "$server"
  wait "$server" || true
  server=
}
# Its children first see that it is gone, and could still write.
kill_all() {
  if kill -STOP "$server" 2>/dev/null; then
    kill -KILL $(cat "/proc/$server/task/$server/children") "$server" \
      2>/dev/null || true
  fi
  wait "$server" 2>/dev/null || true
  server=
}
start
echo "$at"
# The end of the input is the end of the test.
while read -r word; do
  case $word in
    stop) stop ;;
    kill) kill_all ;;
    start) start || word=failed ;;
  esac
  echo "$word"
done
