# The AWS CLI v2 that is here, whichever version that is; where Debian is and this is root, Debian's is installed.
. "$(dirname "$0")/both-modes.sh"

# Prints a command that is an AWS CLI of version 2.
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

if ! command -v curl >/dev/null; then
  missing+=("AWS CLI (no curl)")
elif ! AWS_CLI=$(aws_cli); then
  missing+=("AWS CLI (no version 2 here)")
else
  export AWS_CLI
  # Most of the time it is the CLI that works, not the server, and it does one thing after the other.
  in_both_modes_at_once bash test/clients/cli/main.sh
fi
conclude
