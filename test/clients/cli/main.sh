# The scenario through the AWS CLI v2 at $AWS_CLI, against the server at AWS_ENDPOINT_URL with the keys in AWS_ACCESS_KEY_ID
# and AWS_SECRET_ACCESS_KEY; MILLRACE_MODE says whether the server checks them: dev or keys.
set -euo pipefail
here=$(dirname "$0")
export AWS_PAGER="" AWS_MAX_ATTEMPTS=1 LC_ALL=C.UTF-8

# Versions before 2.13 do not read AWS_ENDPOINT_URL.
aws_here() { "$AWS_CLI" --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }

wrong_secret() {
  if [ "$MILLRACE_MODE" = dev ]; then
    AWS_SECRET_ACCESS_KEY=this-is-not-the-secret aws_here sqs list-queues
  else
    AWS_SECRET_ACCESS_KEY=this-is-not-the-secret refused SignatureDoesNotMatch aws_here sqs list-queues
    AWS_SECRET_ACCESS_KEY=this-is-not-the-secret refused SignatureDoesNotMatch aws_here s3api list-buckets
    AWS_ACCESS_KEY_ID=AKSTRANGER refused InvalidClientTokenId aws_here sqs list-queues
    AWS_ACCESS_KEY_ID=AKSTRANGER refused InvalidAccessKeyId aws_here s3api list-buckets
  fi
}

. "$here/tally.sh"
. "$here/queues.sh"
. "$here/objects.sh"
cli_version=$("$AWS_CLI" --version | sed 's|^aws-cli/||; s| .*||')
# What the server answers in; versions before 2.13.34 speak Query.
queue_protocol=query
case $(aws_here --debug sqs list-queues 2>&1) in *x-amz-json*) queue_protocol=json ;; esac
telling_of "AWS CLI" "$cli_version" "$queue_protocol"
queue_scenario
telling_of "AWS CLI" "$cli_version" rest-xml
object_scenario
telling_of "AWS CLI" "$cli_version" "$queue_protocol"
step "wrong keys in $MILLRACE_MODE mode" wrong_secret
conclude
