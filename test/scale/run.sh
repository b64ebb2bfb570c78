# Ten thousand clients and a hundred thousand queues, one file after the other: what they take of the machine is judged.
set -euo pipefail
PATH=$PWD/node_modules/.bin:$PATH
exec node scripts/test.ts --test-concurrency=1 test/scale/*.test.ts
