# boto3, and what is built on it: the Amazon SQS extended client and Celery. By the protocol that the boto3 speaks: json or query.
. "$(dirname "$0")/both-modes.sh"
protocol=$1
requirements=test/clients/python/requirements-$protocol.txt
what="boto3, its extended client and Celery over $protocol"

install() {
  python3 -m venv "$1" && timeout "$INSTALL_SECONDS_MAX" "$1/bin/pip" install --quiet --require-hashes --requirement "$requirements"
}

if ! command -v python3 >/dev/null; then
  missing+=("$what (no python3)")
elif ! installed "python-$protocol" "$requirements" install; then
  missing+=("$what (could not be installed)")
else
  python=$MILLRACE_CLIENTS_CACHE/python-$protocol/bin/python
  in_both_modes "$python" test/clients/python/main.py
  in_both_modes "$python" test/clients/python/extended.py
  in_both_modes "$python" test/clients/celery/main.py
fi
conclude
