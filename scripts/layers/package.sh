# What is published works where nothing of the repository is: packed, installed, started, asked, stopped, started again on the same data.
set -euo pipefail
root=$PWD
PATH=$root/node_modules/.bin:$PATH
folder=$(mktemp -d)
server=""
finish() {
  if [ -n "$server" ]; then kill -9 "$server" 2>/dev/null || true; fi
  rm -rf "$folder"
}
trap finish EXIT

# Types are compared by check.sh.
npm run --silent build -- --noCheck
npm pack --silent --ignore-scripts --pack-destination "$folder" >/dev/null
cd "$folder"
echo '{ "name": "somebody", "private": true, "type": "module" }' >package.json
npm install --silent --no-package-lock ./millrace-*.tgz

start() {
  node node_modules/.bin/millrace serve --data data --port 0 --json >server.log &
  server=$!
  for _ in $(seq 100); do
    if grep -q '^Ready\.' server.log; then break; fi
    if ! kill -0 "$server" 2>/dev/null; then break; fi
    sleep 0.1
  done
  grep -q '^Ready\.' server.log
  AWS_ENDPOINT_URL=$(node -p "JSON.parse(require('fs').readFileSync('server.log', 'utf8').split('\n')[0]).endpoint")
  export AWS_ENDPOINT_URL AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
}

stop() {
  kill -TERM "$server"
  wait "$server"
  server=""
}

echo "millrace $(node node_modules/.bin/millrace --version) from $(basename ./millrace-*.tgz)"
start
node --input-type=module -e '
  import { CreateQueueCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
  const sqs = new SQSClient();
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "jobs" }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify({ photo: "harbour.jpg" }) }));
  const { status } = await fetch(new URL("/_console/", process.env.AWS_ENDPOINT_URL));
  if (status !== 200) throw new Error(`the console answered ${status}`);
  console.log("sent");
'
stop
start
node --input-type=module -e '
  import { startServer } from "millrace";
  import * as testing from "millrace/testing";
  import { consume } from "millrace/worker";
  if (typeof startServer !== "function" || Object.keys(testing).length === 0) throw new Error("an export is missing");
  const run = (job) => {
    console.log("worked on", job.photo);
    void worker.stop();
  };
  const worker = consume("jobs", { signals: false, run });
  await worker.stopped;
'
stop
echo "packed, installed, served, restarted and worked"
