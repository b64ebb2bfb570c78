# Other people's clients against the real server: the same scenario of queues and objects through the AWS SDK for JavaScript
# (SQS over JSON), boto3 of today (JSON) and of the last series that speaks Query, and the AWS CLI v2 (Query); once without keys
# and once with them. What a client needs is installed once, outside of the repository. A client whose language is not
# here is told of as not run, and then so is the layer.
set -euo pipefail
cd "$(dirname "$0")/../.."
PATH=$PWD/node_modules/.bin:$PATH
BOTO3_VERSIONS="1.44.5 1.26.165"
INSTALL_SECONDS_MAX=300
READY_SECONDS_MAX=30
cache=${XDG_CACHE_HOME:-$HOME/.cache}/millrace/clients

folder=$(mktemp -d)
server=""
stop() {
  if [ -z "$server" ]; then return 0; fi
  kill -TERM "$server" 2>/dev/null || true
  wait "$server" || true
  server=""
}
finish() {
  stop
  rm -rf "$folder"
}
trap finish EXIT

# Nothing of the person who runs this: no profile, no proxy, no keys.
unset AWS_PROFILE AWS_SESSION_TOKEN AWS_CA_BUNDLE AWS_ENDPOINT_URL AWS_ENDPOINT_URL_SQS AWS_ENDPOINT_URL_S3
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_EC2_METADATA_DISABLED=true NO_PROXY=127.0.0.1 no_proxy=127.0.0.1
export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1 AWS_ACCESS_KEY_ID=AKCLIENTS AWS_SECRET_ACCESS_KEY=the-secret-of-the-clients
export PYTHONDONTWRITEBYTECODE=1
echo "[{ \"accessKeyId\": \"$AWS_ACCESS_KEY_ID\", \"secretAccessKey\": \"$AWS_SECRET_ACCESS_KEY\", \"accountId\": \"123456789012\", \"name\": \"clients\" }]" >"$folder/keys.json"

# start <mode>
start() {
  local keys=()
  if [ "$1" = keys ]; then keys=(--credentials "$folder/keys.json"); fi
  node bin/millrace.js serve --json --port 0 --data "$folder/data-$1" "${keys[@]}" >"$folder/server-$1.log" &
  server=$!
  for _ in $(seq $((READY_SECONDS_MAX * 10))); do
    if grep -q '^Ready\.' "$folder/server-$1.log" || ! kill -0 "$server" 2>/dev/null; then break; fi
    sleep 0.1
  done
  grep -q '^Ready\.' "$folder/server-$1.log"
  AWS_ENDPOINT_URL=$(node -p 'JSON.parse(require("fs").readFileSync(process.argv[1], "utf8").split("\n")[0]).endpoint' "$folder/server-$1.log")
  MILLRACE_MODE=$1
  export AWS_ENDPOINT_URL MILLRACE_MODE
}

# Prints the Python that has this boto3; a virtual environment that was made before is taken again.
python_with_boto3() {
  local environment=$cache/boto3-$1
  if [ ! -e "$environment/complete" ]; then
    rm -rf "$environment"
    mkdir -p "$cache"
    python3 -m venv "$environment" >&2 || return 1
    timeout "$INSTALL_SECONDS_MAX" "$environment/bin/pip" install --quiet "boto3==$1" >&2 || return 1
    touch "$environment/complete"
  fi
  echo "$environment/bin/python"
}

# Prints a command that is an AWS CLI of version 2; where Debian is and this is root, its package is installed.
aws_cli() {
  local command
  for attempt in found installed; do
    for command in $(type -ap aws); do
      if "$command" --version 2>&1 | grep -q '^aws-cli/2'; then
        echo "$command"
        return 0
      fi
    done
    if [ "$attempt" = installed ] || [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then return 1; fi
    timeout "$INSTALL_SECONDS_MAX" apt-get install --yes --quiet awscli >&2 || return 1
    hash -r
  done
}

not_run=()
failed=0
# client <name> <command…>
client() {
  printf '%s, %s mode\n' "$1" "$MILLRACE_MODE"
  shift
  "$@" || failed=$((failed + 1))
}

pythons=()
for version in $BOTO3_VERSIONS; do
  if ! command -v python3 >/dev/null; then
    not_run+=("boto3 $version (no python3)")
  elif python=$(python_with_boto3 "$version"); then
    pythons+=("$python")
  else
    not_run+=("boto3 $version (it could not be installed)")
  fi
done
if ! command -v curl >/dev/null; then
  not_run+=("AWS CLI (no curl)")
  AWS_CLI=""
elif ! AWS_CLI=$(aws_cli); then
  not_run+=("AWS CLI (no version 2 here)")
  AWS_CLI=""
fi
export AWS_CLI

for mode in dev keys; do
  start "$mode"
  client "AWS SDK for JavaScript" node test/clients/javascript.ts
  for python in "${pythons[@]}"; do client boto3 "$python" test/clients/python/main.py; done
  if [ -n "$AWS_CLI" ]; then client "AWS CLI" bash test/clients/cli.sh; fi
  stop
done

if [ "$failed" -gt 0 ]; then
  echo "$failed runs failed"
  exit 1
fi
if [ ${#not_run[@]} -gt 0 ]; then
  printf '%s, ' "not run:" "${not_run[@]}" | sed 's/:, /: /; s/, $/\n/'
  exit 77
fi
echo "every client passed in both modes"
