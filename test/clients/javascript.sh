# The AWS SDK for JavaScript v3, and sqs-consumer on it; both are development dependencies of this package.
. "$(dirname "$0")/both-modes.sh"
in_both_modes node test/clients/javascript.ts
in_both_modes node test/clients/consumer.ts
conclude
