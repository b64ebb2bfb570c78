# The real server on a full disk, on a disk that fails, and beside a program that keeps its log from being shortened.
set -euo pipefail
PATH=$PWD/node_modules/.bin:$PATH
INSTALL_SECONDS_MAX=120

not_run() {
  echo "$1"
  exit 77
}

[ "$(id -u)" = 0 ] || not_run "needs root, to mount a small file system"
if ! command -v strace >/dev/null; then
  command -v apt-get >/dev/null || not_run "needs strace"
  timeout "$INSTALL_SECONDS_MAX" apt-get install --yes --quiet strace >&2 || not_run "needs strace, which cannot be installed here"
fi
strace -qq -o /dev/null -e inject=getpid:retval=1 true || not_run "strace may not trace here"

scratch=$(mktemp -d)
cleanup() {
  umount "$scratch/full" 2>/dev/null || true
  rm -rf "$scratch"
}
trap cleanup EXIT
mkdir "$scratch/full"
mount -t tmpfs -o size=96m tmpfs "$scratch/full" || not_run "may not mount a file system here"

export NODE_OPTIONS=--conditions=millrace-source
node test/disk/full.ts "$scratch/full"
node test/disk/errors.ts "$scratch"
node test/disk/reader.ts "$scratch"
