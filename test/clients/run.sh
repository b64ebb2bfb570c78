# Other people's clients and programs against the real server: SDKs of four languages, on JSON and on Query where they have both,
# and programs that live on SQS; each against a server that takes any keys and against one that knows whose they are. What a
# client needs is installed once, into MILLRACE_CLIENTS_CACHE. A client whose language is not here is told of as not run, and
# then so is the layer. Every step's outcome is a line of JSON in node_modules/.cache/compat/clients.jsonl.
#
# With arguments, only those: run.sh go "python json". With --install what they need is installed, and nothing is run: that waits
# for the network, so .ci/run has it done while the tests keep the processors busy.
set -euo pipefail
cd "$(dirname "$0")/../.."
export PATH=$PWD/node_modules/.bin:$PATH
CLIENTS=(java go cli "python json" "python query" javascript)
export MILLRACE_INSTALL_ONLY=""
if [ "${1:-}" = --install ]; then
  MILLRACE_INSTALL_ONLY=yes
  shift
fi
if [ $# -gt 0 ]; then CLIENTS=("$@"); fi
# Installing waits for the network, scenarios wait for timeouts, so more than the processors at once.
AT_ONCE=3
READY_SECONDS_MAX=60
# Not below node_modules, which npm ci empties.
MILLRACE_CLIENTS_CACHE=$(realpath --canonicalize-missing "${MILLRACE_CLIENTS_CACHE:-.cache/clients}")
export MILLRACE_CLIENTS_CACHE
results=$PWD/node_modules/.cache/compat

folder=$(mktemp -d)
servers=()
finish() {
  if [ ${#servers[@]} -gt 0 ]; then
    kill -TERM "${servers[@]}" 2>/dev/null || true
    wait "${servers[@]}" 2>/dev/null || true
  fi
  rm -rf "$folder"
}
trap finish EXIT

# Nothing of the person who runs this: no profile, no proxy, no keys.
unset AWS_PROFILE AWS_SESSION_TOKEN AWS_CA_BUNDLE AWS_ENDPOINT_URL AWS_ENDPOINT_URL_SQS AWS_ENDPOINT_URL_S3
: >"$folder/aws-config"
export AWS_CONFIG_FILE=$folder/aws-config AWS_SHARED_CREDENTIALS_FILE=$folder/aws-config AWS_EC2_METADATA_DISABLED=true
export NO_PROXY=127.0.0.1 no_proxy=127.0.0.1 PYTHONDONTWRITEBYTECODE=1
export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1 AWS_ACCESS_KEY_ID=AKCLIENTS AWS_SECRET_ACCESS_KEY=the-secret-of-the-clients
echo "[{ \"accessKeyId\": \"$AWS_ACCESS_KEY_ID\", \"secretAccessKey\": \"$AWS_SECRET_ACCESS_KEY\", \"accountId\": \"123456789012\", \"name\": \"clients\" }]" >"$folder/keys.json"

# start <mode> [option…]
start() {
  local mode=$1
  shift
  node bin/millrace.js serve --json --port 0 --data "$folder/data-$mode" "$@" >"$folder/server-$mode.log" &
  servers+=($!)
}

# endpoint <mode>: prints where that server answers, once it does.
endpoint() {
  local log=$folder/server-$1.log
  for _ in $(seq $((READY_SECONDS_MAX * 10))); do
    if grep -q '^Ready\.' "$log"; then break; fi
    sleep 0.1
  done
  grep -q '^Ready\.' "$log"
  node -p 'JSON.parse(require("fs").readFileSync(process.argv[1], "utf8").split("\n")[0]).endpoint' "$log"
}

# run <client>: its script, with what it says kept until its end, so that those of two do not mix.
run() {
  local name=${1// /-} status=0 began=$SECONDS words
  read -ra words <<<"$1"
  MILLRACE_RESULTS=$folder/$name.jsonl MILLRACE_NOT_RUN=$folder/$name.not-run \
    bash "test/clients/${words[0]}.sh" "${words[@]:1}" >"$folder/$name.log" 2>&1 || status=$?
  printf '\n%s: %s s\n' "$1" $((SECONDS - began))
  cat "$folder/$name.log"
  case $status in
    0 | 77) ;;
    *) echo "$1" >>"$folder/failed" ;;
  esac
}

export MILLRACE_ENDPOINT_DEV=none MILLRACE_ENDPOINT_KEYS=none
if [ -z "$MILLRACE_INSTALL_ONLY" ]; then
  start dev
  start keys --credentials "$folder/keys.json"
  MILLRACE_ENDPOINT_DEV=$(endpoint dev)
  MILLRACE_ENDPOINT_KEYS=$(endpoint keys)
fi
running=()
for client in "${CLIENTS[@]}"; do
  while [ "$(jobs -rp | wc -l)" -ge $((AT_ONCE + ${#servers[@]})) ]; do wait -n; done
  run "$client" &
  running+=($!)
done
wait "${running[@]}"

if [ -n "$MILLRACE_INSTALL_ONLY" ]; then exit 0; fi
mkdir -p "$results"
cat "$folder"/*.jsonl >"$results/clients.jsonl"
echo
if [ -e "$folder/failed" ]; then
  echo "failed: $(paste -sd, "$folder/failed")"
  exit 1
fi
if compgen -G "$folder/*.not-run" >/dev/null; then
  echo "not run: $(cat "$folder"/*.not-run | paste -sd';' | sed 's/;/; /g')"
  exit 77
fi
echo "every client passed in both modes: $(wc -l <"$results/clients.jsonl") steps"
