# The real server over HTTP under what is neither a kill nor a disk: it stands still, is restarted in storms, has too little memory, has
# its clock set, has dead connections, and has its answers lost. MILLRACE_MISFORTUNE_SEED=$(date +%s) looks for what is new.
set -euo pipefail
PATH=$PWD/node_modules/.bin:$PATH
SEED=${MILLRACE_MISFORTUNE_SEED:-1}
INSTALL_SECONDS_MAX=120
export NODE_OPTIONS=--conditions=millrace-source

# In the group that this shell is in, or at the top; nothing where it may not be.
memory_group() {
  local own root
  for root in /sys/fs/cgroup/memory /sys/fs/cgroup; do
    for own in "$root$(sed -n 's/^[0-9]*:\(memory\|\):\(.*\)$/\2/p' /proc/self/cgroup | head -n 1)" "$root"; do
      if mkdir "$own/millrace-$$" 2>/dev/null; then
        if [ -e "$own/millrace-$$/memory.limit_in_bytes" ] || [ -e "$own/millrace-$$/memory.max" ]; then echo "$own"; fi
        rmdir "$own/millrace-$$"
        return
      fi
    done
  done
}

faketime_library() { find /usr/lib -name libfaketimeMT.so.1 2>/dev/null | head -n 1; }

node test/misfortune/lost-answers.ts "$SEED"
node test/misfortune/half-open.ts
node test/misfortune/pauses.ts "$SEED"
node test/misfortune/storms.ts "$SEED"
group=$(memory_group)
[ -n "$group" ] || echo "not run: a control group for memory cannot be made here"
node test/misfortune/memory.ts ${group:+"$group"}
if [ -z "$(faketime_library)" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  timeout "$INSTALL_SECONDS_MAX" apt-get install --yes --quiet libfaketime >&2 ||
    { timeout "$INSTALL_SECONDS_MAX" apt-get update --quiet >&2 && timeout "$INSTALL_SECONDS_MAX" apt-get install --yes --quiet libfaketime >&2; } || true
fi
library=$(faketime_library)
if [ -z "$library" ]; then echo "not run: clocks that are set need libfaketime"; else node test/misfortune/clocks.ts "$library" "$SEED"; fi
