#!/usr/bin/env bash
# A scheduler and two executors on this machine, and the queries of `dem_sql` on them.
#
#   ./cluster.sh                 fails unless the answers are DataFusion's own and both executors worked
#   ./cluster.sh kill            kills an executor in the middle of a query, which must answer right or fail with a message
#   ./cluster.sh measure [MB]    takes the time on that much noise, 1000 without, optimized
#
# Takes a minute or two, or is stopped.
set -euo pipefail
cd "$(dirname "$0")"

profile=dev
[ "${1:-}" != measure ] || profile=release
cargo build --locked --profile "$profile" --bins
programs="${CARGO_TARGET_DIR:-target}/${profile/dev/debug}"
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$folder"' EXIT

# Ports that nobody listens on, as far as one can tell.
free_port() {
  local port
  while port=$((20000 + RANDOM % 20000)); (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
  echo "$port"
}

listening() {
  for _ in $(seq 100); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return; fi
    sleep 0.2
  done
  echo "nobody listens on port $1"
  tail -n 20 "$folder"/*.log
  exit 1
}

scheduler=$(free_port)
timeout 300 "$programs/scheduler" "$scheduler" >"$folder/scheduler.log" 2>&1 &
listening "$scheduler"
executors=()
for number in 1 2; do
  port=$(free_port)
  mkdir "$folder/executor-$number"
  timeout 300 "$programs/executor" "$scheduler" "$port" "$folder/executor-$number" >"$folder/executor-$number.log" 2>&1 &
  executors+=($!)
  listening "$port"
done
sleep 2 # until both have registered

client() { timeout 280 "$programs/client" "$scheduler" "$folder/tiles" "$@"; }

case ${1:-check} in
  check)
    client check 2
    exit
    ;;
  measure)
    client measure "${2:-1000}"
    exit
    ;;
esac

client slow >"$folder/client.log" 2>&1 &
client=$!
sleep 3
if ! kill -0 "$client"; then
  echo "the query was over before anybody could be killed"
  cat "$folder/client.log"
  exit 1
fi
pkill -KILL -P "${executors[1]}"
echo "killed executor 2"
status=0
wait "$client" || status=$?
cat "$folder/client.log"
cat "$folder/scheduler.log"
case $status in
  0) echo "the query was answered, and right" ;;
  124) echo "the query did not end" && exit 1 ;;
  *)
    if grep -q 'alone the answer is' "$folder/client.log"; then
      echo "the answer was wrong" && exit 1
    fi
    grep -qi error "$folder/client.log" && echo "the query failed, and said so"
    ;;
esac
client check 1 >"$folder/client.log" 2>&1 || { cat "$folder/client.log" && exit 1; }
echo "and the other executor answers"
