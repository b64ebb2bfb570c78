# What is published works where nothing of the repository is: packed, installed with its dependencies, started, asked, stopped.
set -euo pipefail
root=$PWD
node=$root/node_modules/.bin/node
folder=$(mktemp -d)
server=""
finish() {
  if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; fi
  rm -rf "$folder"
}
trap finish EXIT

npm pack --silent --pack-destination "$folder" >/dev/null
cd "$folder"
echo '{ "name": "somebody", "private": true, "type": "module" }' >package.json
npm install --silent --no-package-lock ./millrace-*.tgz
PATH=$(dirname "$node"):$PATH

npx --no-install millrace --version
npx --no-install millrace serve --memory --port 0 >server.log 2>&1 &
server=$!
for _ in $(seq 100); do
  if grep -q '^Ready\.' server.log; then break; fi
  if ! kill -0 "$server" 2>/dev/null; then break; fi
  sleep 0.1
done
cat server.log
grep -q '^Ready\.' server.log
node --input-type=module -e '
  import { startServer } from "millrace";
  import "millrace/worker";
  import "millrace/testing";
  if (typeof startServer !== "function") throw new Error("startServer is not exported");
  console.log("millrace, millrace/worker and millrace/testing load");
'
