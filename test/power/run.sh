# What power cuts may leave of a server's disk, and whether the server recovers from it: at least 40,000 distinct crash
# states (42,000 are asked for: its two processes find some of them both). MILLRACE_POWER_STATES=2000000 for a long run; MILLRACE_POWER_SEED=$(date +%s) looks for what is new.
set -euo pipefail
PATH=$PWD/node_modules/.bin:$PATH
if ! command -v strace >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  timeout 120 apt-get install --yes --quiet strace >&2 || { timeout 120 apt-get update --quiet >&2 && timeout 120 apt-get install --yes --quiet strace >&2; } || true
fi
if ! command -v strace >/dev/null; then
  echo "strace is not installed"
  exit 77
fi
if ! strace -f --seccomp-bpf -qq -e trace=none -o /dev/null true; then
  echo "strace may not trace processes here (ptrace is forbidden, or strace is older than 5.3)"
  exit 77
fi
exec node --conditions=millrace-source test/power/campaign.ts --states "${MILLRACE_POWER_STATES:-42000}" --seed "${MILLRACE_POWER_SEED:-1}"
