# `bash test/long-run/bundle.sh DIRECTORY`: makes a server there whose source is in a few files, and says what a long run needs
# to kill that one: of what a start costs, two thirds are to find and to link four hundred modules. By the bundler that vitest
# brings with it. Threads and processes of their own are found beside the file that starts them.
set -euo pipefail
cd "$(dirname "$0")/../.."
DIRECTORY=$(realpath -m "$1")
mkdir -p "$DIRECTORY"
node_modules/.bin/rolldown src/cli/main.ts src/server/storage-thread.ts src/server/threads/http-thread.ts \
  src/services/topics/drivers/signing-thread.ts src/storage/sqlite/checkpoint-thread.ts src/storage/sqlite/copy/process.ts \
  --dir "$DIRECTORY/dist/cli" --entry-file-names "[name].js" --platform node --format esm >/dev/null
cp -r bin package.json "$DIRECTORY"
ln -sfn "$PWD/console" "$DIRECTORY/console"
echo "export MILLRACE_CRASH_BIN=$DIRECTORY/bin/millrace.js"
