#!/usr/bin/env bash
# The smoke test of a running installation: URL, and SMOKE_TOKEN, a personal access token with the scope write.
# A command goes the whole way (gateway, function, database, outbox, Kafka, Broker, write-audit), and what it made is
# deleted again. Without a token only the way in is tested; without a URL nothing is.
set -euo pipefail

if [[ -z ${URL:-} ]]; then
  echo "smoke: no URL is set, so only the readiness of the functions was waited for"
  exit 0
fi
: "${SMOKE_TOKEN:=}"
URL=${URL%/}
SECONDS=0
body=$(mktemp)
trap 'rm -f "$body"' EXIT

# request METHOD PATH [curl argument ...]: prints the status and leaves the answer in $body.
request() {
  local method=$1 path=$2
  shift 2
  # The token goes through a file descriptor: arguments can be seen by every process of the machine.
  curl --silent --show-error --max-time 30 --output "$body" --write-out '%{http_code}' --request "$method" "$@" \
    --config <(if [[ -n $SMOKE_TOKEN ]]; then printf 'header = "Authorization: Bearer %s"\n' "$SMOKE_TOKEN"; fi) \
    "$URL$path" || true
}

# expect WHAT STATUS SECONDS METHOD PATH [curl argument ...]: asks again until the status comes; functions start from zero.
expect() {
  local what=$1 wanted=$2 until=$((SECONDS + $3)) status
  shift 3
  while status=$(request "$@") && [[ $status != "$wanted" ]]; do
    if ((SECONDS >= until)); then
      echo "smoke: $what: $1 $2 answered $status, not $wanted: $(head -c 500 "$body")" >&2
      exit 1
    fi
    sleep 2
  done
  echo "smoke: $what (${SECONDS} s)"
}

token=$SMOKE_TOKEN
SMOKE_TOKEN=
expect "a stranger is turned away" 401 120 GET /v1/tasks
SMOKE_TOKEN=$token
if [[ -z $SMOKE_TOKEN ]]; then
  exit 0
fi

# The key makes a repeated request safe: it is the same command.
key="smoke-$(date +%s)-$RANDOM"
expect "a task is created" 201 60 POST /v1/tasks --header "Idempotency-Key: $key" \
  --header "Content-Type: application/json" --data '{"title": "Smoke test"}'
task=$(jq --exit-status --raw-output .id "$body")
expect "it can be read" 200 30 GET "/v1/tasks/$task"

until=$((SECONDS + 120))
while expect "the audit log answers" 200 60 GET "/v1/audit?task=$task" > /dev/null; do
  if jq --exit-status '[.entries[] | select(.type == "ebb.task.created.v1")] | length == 1' "$body" > /dev/null; then
    break
  fi
  if ((SECONDS >= until)); then
    echo "smoke: the event of the new task did not arrive within 120 s: $(head -c 500 "$body")" >&2
    exit 1
  fi
  sleep 2
done
echo "smoke: its event went the whole way, once (${SECONDS} s)"
expect "it is deleted" 204 30 DELETE "/v1/tasks/$task"
