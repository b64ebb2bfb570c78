# What the script of every client begins with. run.sh gives it the servers; alone it cannot run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
: "${MILLRACE_ENDPOINT_DEV:?run test/clients/run.sh with the name of the client}" "${MILLRACE_ENDPOINT_KEYS:?}" "${MILLRACE_CLIENTS_CACHE:?}" "${MILLRACE_RESULTS:?}"
INSTALL_SECONDS_MAX=400
RUN_SECONDS_MAX=600
failed=0
missing=()

# in_both_modes <command…>: against the server that takes any keys, and against the one that knows whose they are.
in_both_modes() {
  if [ -n "$MILLRACE_INSTALL_ONLY" ]; then return 0; fi
  MILLRACE_MODE=dev AWS_ENDPOINT_URL=$MILLRACE_ENDPOINT_DEV within "$RUN_SECONDS_MAX" "$@" || failed=1
  MILLRACE_MODE=keys AWS_ENDPOINT_URL=$MILLRACE_ENDPOINT_KEYS within "$RUN_SECONDS_MAX" "$@" || failed=1
}

# in_both_modes_at_once <command…>: the same side by side. What is said of the second comes when both have ended.
in_both_modes_at_once() {
  if [ -n "$MILLRACE_INSTALL_ONLY" ]; then return 0; fi
  local said
  said=$(mktemp)
  MILLRACE_MODE=keys AWS_ENDPOINT_URL=$MILLRACE_ENDPOINT_KEYS within "$RUN_SECONDS_MAX" "$@" >"$said" 2>&1 &
  MILLRACE_MODE=dev AWS_ENDPOINT_URL=$MILLRACE_ENDPOINT_DEV within "$RUN_SECONDS_MAX" "$@" || failed=1
  wait $! || failed=1
  cat "$said"
  rm "$said"
}

# within <seconds> <command…>
within() {
  timeout --kill-after=10 "$@"
}

# installed <name> <what it depends on> <command…>: the command fills the folder that is its last argument; what it depends on
# is a file or the files of a folder, and when they change it is filled again. One that is being filled is waited for.
installed() {
  local folder=$MILLRACE_CLIENTS_CACHE/$1 mark lock
  mkdir -p "$MILLRACE_CLIENTS_CACHE"
  exec {lock}>"$folder.lock"
  flock --timeout "$INSTALL_SECONDS_MAX" "$lock" || return 1
  mark=$(find "$2" -type f -exec sha256sum {} + | sort | sha256sum)
  if [ "$(cat "$folder/complete" 2>/dev/null)" != "$mark" ]; then
    rm -rf "$folder"
    mkdir -p "$folder"
    "${@:3}" "$folder" || return 1
    echo "$mark" >"$folder/complete"
  fi
  exec {lock}>&-
}

# conclude: passed, failed, or not run for want of what is missing.
conclude() {
  if [ "$failed" -ne 0 ]; then exit 1; fi
  if [ ${#missing[@]} -gt 0 ]; then
    printf '%s\n' "${missing[@]}" >"$MILLRACE_NOT_RUN"
    exit 77
  fi
}
