# Runs steps, says which of them failed and why, and counts.
passed=0
failed=0

# step <name> <function> [argument…]: the function runs in a shell of its own that ends with the first command that fails.
step() {
  local name=$1 output status
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
    printf '  failed: %s\n%s\n' "$name" "$output"
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
