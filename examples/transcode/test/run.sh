# Real media files through the pipeline by the real ffmpeg: the server and a worker are killed meanwhile, and jobs take longer than
# their leases.
set -euo pipefail
PATH=$PWD/node_modules/.bin:$PATH
INSTALL_SECONDS_MAX=300
NOT_RUN=77
if ! command -v ffmpeg >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  install=(apt-get install --yes --quiet --no-install-recommends ffmpeg)
  timeout "$INSTALL_SECONDS_MAX" "${install[@]}" >&2 ||
    { timeout "$INSTALL_SECONDS_MAX" apt-get update --quiet >&2 && timeout "$INSTALL_SECONDS_MAX" "${install[@]}" >&2; } || true
fi
for program in ffmpeg ffprobe; do
  if ! command -v "$program" >/dev/null; then
    echo "needs $program"
    exit "$NOT_RUN"
  fi
done
node --conditions=millrace-source --test --test-timeout=600000 --test-concurrency=1 examples/transcode/test/*.suite.ts
