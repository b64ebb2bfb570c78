# The server is killed a hundred times under sixteen writers and sixteen readers, and half as often with its engine on
# the other side of a thread boundary, asked by one HTTP thread and by two, and under a thousand message groups of a FIFO
# queue; what it had acknowledged is there afterwards.
set -euo pipefail
PATH=$PWD/node_modules/.bin:$PATH
KILLS=${MILLRACE_KILLS:-100}
MILLRACE_STORAGE_THREAD=off node test/crash/kill.ts --kills "$KILLS"
MILLRACE_STORAGE_THREAD=off node test/crash/fifo/kill.ts --kills "$(((KILLS + 1) / 2))"
MILLRACE_STORAGE_THREAD=on MILLRACE_HTTP_THREADS=1 node test/crash/kill.ts --kills "$(((KILLS + 3) / 4))"
MILLRACE_STORAGE_THREAD=on MILLRACE_HTTP_THREADS=2 node test/crash/kill.ts --kills "$(((KILLS + 3) / 4))"
# And workers of pipelines are killed at each step.
MILLRACE_STORAGE_THREAD=off node test/crash/pipelines/kill.ts --kills "$(((KILLS + 1) / 2))" --jobs 5
