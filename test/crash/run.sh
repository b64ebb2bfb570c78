# The server is killed a hundred times under sixteen writers and sixteen readers; what it had acknowledged is there afterwards.
set -euo pipefail
PATH=$PWD/node_modules/.bin:$PATH
exec node test/crash/kill.ts --kills "${MILLRACE_KILLS:-100}"
