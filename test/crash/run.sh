# The server is killed under sixteen writers and sixteen readers: 40 times as it is by default, 50 times under a thousand message
# groups of a FIFO queue, and 30 times with its engine on the other side of a thread boundary, asked by one HTTP thread and by
# two; what it had acknowledged is there afterwards. MILLRACE_KILLS=1000 for ten times as many.
set -euo pipefail
PATH=$PWD/node_modules/.bin:$PATH
KILLS=${MILLRACE_KILLS:-100}
MILLRACE_STORAGE_THREAD=off node test/crash/kill.ts --kills "$(((KILLS * 4 + 9) / 10))"
MILLRACE_STORAGE_THREAD=off node test/crash/fifo/kill.ts --kills "$(((KILLS + 1) / 2))"
MILLRACE_STORAGE_THREAD=on MILLRACE_HTTP_THREADS=1 node test/crash/kill.ts --kills "$(((KILLS * 3 + 19) / 20))"
MILLRACE_STORAGE_THREAD=on MILLRACE_HTTP_THREADS=2 node test/crash/kill.ts --kills "$(((KILLS * 3 + 19) / 20))"
# And workers of pipelines are killed at each step in each shape, and once with each of the mistakes that must show then.
MILLRACE_STORAGE_THREAD=off node test/crash/pipelines/kill.ts --kills "$((KILLS * 2))" --jobs "$((KILLS * 50))"
MILLRACE_STORAGE_THREAD=off node test/crash/pipelines/faults.ts
