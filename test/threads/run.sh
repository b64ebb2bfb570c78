# Tests of both services, of HTTP and of backups once more, against servers of two and of four HTTP threads.
set -euo pipefail
PATH=$PWD/node_modules/.bin:$PATH
export NODE_COMPILE_CACHE=${NODE_COMPILE_CACHE:-$PWD/node_modules/.cache/compiled}
suite() {
  MILLRACE_TEST_HTTP_THREADS=$1 node --conditions=millrace-source --import ./test/threads/suites.fixture.ts \
    --test --test-timeout=120000 --test-reporter=dot "${@:2}"
}
suite 2 test/sdk/queues/{receive-message,long-poll,signed}.test.ts test/sdk/objects/events.test.ts
suite 2 --test-skip-pattern="everything is in memory" test/backup/running.test.ts
suite 2 --test-name-pattern="Transfer-Encoding" test/http/malformed-requests.test.ts
suite 4 test/sdk/queues/fifo-attempts.test.ts test/sdk/objects/copy-delete-tags.test.ts
