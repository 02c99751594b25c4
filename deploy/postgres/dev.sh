#!/usr/bin/env bash
# A Postgres server for a developer, without containers and beside whatever else runs on the machine.
#   deploy/postgres/dev.sh start      initialises on first use, starts, prints the connection string
#   deploy/postgres/dev.sh stop
#   deploy/postgres/dev.sh status
#   deploy/postgres/dev.sh drop       stops and deletes all its data
# It listens on a Unix socket only. GRID_PG_DIR chooses its folder, GRID_PG_PORT the number in the socket's name.
set -euo pipefail

# A short path: the name of a Unix socket has at most 107 bytes.
dir=${GRID_PG_DIR:-/var/tmp/prometheus-grid-$(id -un)}
port=${GRID_PG_PORT:-5432}
database=prometheus_grid

fail() { echo "dev.sh: $1" >&2; exit 1; }

bin=$(command -v initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -n 1) \
    || fail "no Postgres binaries in PATH or /usr/lib/postgresql/*/bin; on Debian: apt-get install postgresql"
bin=$(dirname -- "$(readlink -f -- "$bin")")

# Postgres refuses to run as root.
as=()
user=$(id -un)
if [[ $(id -u) -eq 0 ]]; then
    user=postgres
    getent passwd $user >/dev/null || user=nobody
    as=(setpriv "--reuid=$user" "--regid=$(id -g $user)" --clear-groups)
fi
control() { "${as[@]}" "$bin/pg_ctl" -D "$dir/data" "$@"; }
running() { control status >/dev/null 2>&1; }

case ${1:-} in
    start)
        if [[ ! -e $dir/data/PG_VERSION ]]; then
            mkdir -p "$dir"
            chmod 700 "$dir"
            [[ ${#as[@]} -eq 0 ]] || chown "$user" "$dir"
            "${as[@]}" "$bin/initdb" --auth=trust --encoding=UTF8 --locale=C.UTF-8 -U grid -D "$dir/data" >"$dir/initdb.log" 2>&1 \
                || { cat "$dir/initdb.log" >&2; fail "initdb failed"; }
        fi
        running || control -w -l "$dir/data/server.log" -o "-k '$dir' -p $port -c listen_addresses=" start >/dev/null \
            || fail "the server did not start; its log is $dir/data/server.log"
        "$bin/psql" -h "$dir" -p "$port" -U grid -d postgres -tAc "SELECT 1 FROM pg_database WHERE datname = '$database'" | grep -q 1 \
            || "$bin/createdb" -h "$dir" -p "$port" -U grid $database
        echo "export GRID_POSTGRES='Host=$dir;Port=$port;Username=grid;Database=$database'"
        ;;
    stop) running || fail "no server runs in $dir"; control -m fast stop >/dev/null ;;
    status) running && echo "runs in $dir" || { echo "no server runs in $dir"; exit 3; } ;;
    drop) ! running || control -m immediate stop >/dev/null; rm -rf -- "$dir" ;;
    *) sed -n '2,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
