# Seeds of the simulation, in two processes, and every planted fault looked for. The seeds are always the same, so that a
# change is judged by the same runs; MILLRACE_SIMULATION_FIRST=$(date +%s) looks for what is new, MILLRACE_SIMULATION_SEEDS=20000
# for longer.
set -euo pipefail
PATH=$PWD/node_modules/.bin:$PATH
SEEDS=${MILLRACE_SIMULATION_SEEDS:-2000}
FIRST=${MILLRACE_SIMULATION_FIRST:-1}
play() {
  node --max-semi-space-size=64 --conditions=millrace-source test/simulation/campaign.ts --seeds $((SEEDS / 2)) --step 2 --first "$1"
}
play "$FIRST" &
first=$!
status=0
play $((FIRST + 1)) || status=1
wait "$first" || status=1
[ "$status" -eq 0 ]
node --conditions=millrace-source test/simulation/faults/find.ts
