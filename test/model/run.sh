# Random commands against the model, in two processes on seeds of their own, and every planted fault looked for. The seeds
# are always the same, so that a change is judged by the same runs; MILLRACE_MODEL_SEED=$(date +%s) looks for what is new,
# MILLRACE_MODEL_COMMANDS=10000000 for longer.
set -euo pipefail
PATH=$PWD/node_modules/.bin:$PATH
COMMANDS=${MILLRACE_MODEL_COMMANDS:-1000000}
SEED=${MILLRACE_MODEL_SEED:-1}
node --max-semi-space-size=64 --conditions=millrace-source test/model/campaign.ts --seed "$SEED" --commands $((COMMANDS / 2)) &
first=$!
status=0
node --max-semi-space-size=64 --conditions=millrace-source test/model/campaign.ts --seed $((SEED + 1000000)) --commands $((COMMANDS / 2)) || status=1
wait "$first" || status=1
[ "$status" -eq 0 ]
node test/model/faults/find.ts
