# The scenario through the AWS CLI v2 at $AWS_CLI, against the server at AWS_ENDPOINT_URL with the keys in AWS_ACCESS_KEY_ID
# and AWS_SECRET_ACCESS_KEY; MILLRACE_MODE says whether the server checks them: dev or keys.
set -euo pipefail
here=$(dirname "$0")
export AWS_PAGER="" AWS_MAX_ATTEMPTS=1 LC_ALL=C.UTF-8

# Where the CLI is a Python program, as Debian's is, it is loaded once for all commands.
cli=("$AWS_CLI")
python=$(head -n 1 "$AWS_CLI" | tr -d '\0' | sed -n 's/^#! *\(\/[^ ]*python[^ ]*\)$/\1/p')
if [ -n "$python" ]; then
  loaded=$(mktemp -d)
  "$python" "$here/loaded.py" "$loaded/socket" &
  trap 'kill %1 2>/dev/null || true; wait %1 2>/dev/null || true; rm -rf "$loaded"' EXIT
  for _ in $(seq 300); do
    if [ -e "$loaded/socket" ] || ! kill -0 %1 2>/dev/null; then break; fi
    sleep 0.1
  done
  if [ -e "$loaded/socket" ]; then cli=("$python" -IS "$here/loaded.py" "$loaded/socket"); fi
fi

# Versions before 2.13 do not read AWS_ENDPOINT_URL.
aws_here() { "${cli[@]}" --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }

wrong_secret() {
  if [ "$MILLRACE_MODE" = dev ]; then
    AWS_SECRET_ACCESS_KEY=this-is-not-the-secret aws_here sqs list-queues
  else
    AWS_SECRET_ACCESS_KEY=this-is-not-the-secret refused SignatureDoesNotMatch aws_here sqs list-queues
    AWS_SECRET_ACCESS_KEY=this-is-not-the-secret refused SignatureDoesNotMatch aws_here sns list-topics
    AWS_SECRET_ACCESS_KEY=this-is-not-the-secret refused SignatureDoesNotMatch aws_here s3api list-buckets
    AWS_ACCESS_KEY_ID=AKSTRANGER refused InvalidClientTokenId aws_here sqs list-queues
    AWS_ACCESS_KEY_ID=AKSTRANGER refused InvalidAccessKeyId aws_here s3api list-buckets
  fi
}

. "$here/tally.sh"
. "$here/queues.sh"
. "$here/topics.sh"
. "$here/objects.sh"
cli_version=$("$AWS_CLI" --version | sed 's|^aws-cli/||; s| .*||')
# What the server answers in; versions before 2.13.34 speak Query.
queue_protocol=query
case $("$AWS_CLI" --endpoint-url "$AWS_ENDPOINT_URL" --debug sqs list-queues 2>&1) in *x-amz-json*) queue_protocol=json ;; esac
telling_of "AWS CLI" "$cli_version" "$queue_protocol"
queue_scenario
telling_of "AWS CLI" "$cli_version" query
topic_scenario
telling_of "AWS CLI" "$cli_version" rest-xml
object_scenario
telling_of "AWS CLI" "$cli_version" "$queue_protocol"
step "wrong keys in $MILLRACE_MODE mode" wrong_secret
conclude
