# A million random commands against the model, in two processes on seeds of their own, and every planted fault looked for.
# MILLRACE_MODEL_SEED repeats a run's seeds; by default each run has new ones.
set -euo pipefail
PATH=$PWD/node_modules/.bin:$PATH
COMMANDS=${MILLRACE_MODEL_COMMANDS:-1000000}
SEED=${MILLRACE_MODEL_SEED:-$(date +%s)}
node --conditions=millrace-source test/model/campaign.ts --seed "$SEED" --commands $((COMMANDS / 2)) &
first=$!
status=0
node --conditions=millrace-source test/model/campaign.ts --seed $((SEED + 1000000)) --commands $((COMMANDS / 2)) || status=1
wait "$first" || status=1
[ "$status" -eq 0 ]
node test/model/faults/find.ts
