# File systems that are shut down under the server as a power cut stops them, by the kernel itself: ext4 and XFS.
# MILLRACE_SHUTDOWNS=1000 for a long run; MILLRACE_SHUTDOWN_SEED=$(date +%s) looks for what is new.
set -euo pipefail
PATH=$PWD/node_modules/.bin:$PATH
CYCLES=${MILLRACE_SHUTDOWNS:-4}
SEED=${MILLRACE_SHUTDOWN_SEED:-1}
# So many on one file system and with one history.
ROUND=25
INSTALL_SECONDS_MAX=120
NOT_RUN=77

not_run() {
  echo "$1"
  exit "$NOT_RUN"
}

[ "$(id -u)" = 0 ] || not_run "needs root, to mount file systems"
for program in mkfs.ext4 perl losetup; do command -v "$program" >/dev/null || not_run "needs $program"; done
if ! command -v mkfs.xfs >/dev/null && command -v apt-get >/dev/null; then
  timeout "$INSTALL_SECONDS_MAX" apt-get install --yes --quiet xfsprogs >&2 ||
    { timeout "$INSTALL_SECONDS_MAX" apt-get update --quiet >&2 && timeout "$INSTALL_SECONDS_MAX" apt-get install --yes --quiet xfsprogs >&2; } || true
fi

# shut <file system>: all its cycles, some at a time.
shut() {
  local left=$CYCLES seed=$SEED cycles
  while [ "$left" -gt 0 ]; do
    cycles=$((left < ROUND ? left : ROUND))
    node test/shutdown/shut.ts --on "$1" --cycles "$cycles" --seed "$seed" || return
    left=$((left - cycles)) seed=$((seed + 1))
  done
}

status=0
shut ext4 || status=$?
[ "$status" -ne "$NOT_RUN" ] || exit "$NOT_RUN"
node test/shutdown/shut.ts --on ext4 --cycles 2 --seed "$SEED" --fault "a commit does not wait for the disk" || status=1
xfs=0
shut xfs || xfs=$?
if [ "$xfs" -eq "$NOT_RUN" ]; then echo "not run: XFS"; else status=$((status + xfs)); fi
[ "$status" -eq 0 ]
