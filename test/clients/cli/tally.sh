# Runs steps, says which of them failed and why, counts, and appends each outcome to the file that MILLRACE_RESULTS names.
passed=0
failed=0

# telling_of <client> <version> <protocol>: the steps from here on are of these.
telling_of() {
  told="{\"client\":\"$1\",\"version\":\"$2\",\"protocol\":\"$3\",\"mode\":\"$MILLRACE_MODE\""
  echo "$1 $2, over $3"
}

# step <name> <function> [argument…]: the function runs in a shell of its own that ends with the first command that fails.
step() {
  local name=$1 output status good=true
  shift
  # Not within `if`: there the shell would not end with the first command that fails.
  set +e
  output=$(
    set -e
    exec 2>&1
    "$@"
  )
  status=$?
  set -e
  if [ "$status" -eq 0 ]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    good=false
    printf '  failed: %s\n%s\n' "$name" "$output"
  fi
  if [ -n "${MILLRACE_RESULTS:-}" ]; then
    printf '%s,"behaviour":"%s","passed":%s}\n' "$told" "${name//\"/\\\"}" "$good" >>"$MILLRACE_RESULTS"
  fi
}

# same <actual> <expected>
same() {
  if [ "$1" = "$2" ]; then return 0; fi
  printf 'it is      %q\nexpected   %q\n' "$1" "$2"
  return 1
}

# refused <code> <command…>: the command fails and its message names the code.
refused() {
  local code=$1 output
  shift
  if output=$("$@" 2>&1); then
    echo "not refused: $output"
    return 1
  fi
  case $output in
    *"($code)"*) ;;
    *)
      printf 'refused otherwise: %s\n' "$output"
      return 1
      ;;
  esac
}

conclude() {
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}
