# The scenario of queues. Each step builds on those before it.

queue_name="cli-$$-orders"
unicode=$'żółw 🐢 \t\r\n & <"quoted">'
attributes='{"text":{"DataType":"String","StringValue":"ż <&>"},"trace.number":{"DataType":"Number.float","StringValue":"-1.50"},"trace.bytes":{"DataType":"Binary","BinaryValue":"AAH+/w=="}}'
# Computed apart from the server: names in order, each part with its length before it.
attributes_md5=ca9a5249e03db1e846acb44a7cb26962

queue_scenario() {
  queue_url=$(sqs create-queue --queue-name "$queue_name" --attributes VisibilityTimeout=30 --tags team=photos --query QueueUrl --output text)
  step "a queue is found by its name, and created again as it is" found_again
  step "queues are listed by prefix, page by page" listed
  step "attributes are read and set" attributes_are_set
  step "tags are read, added and removed" tags_are_set
  step "a message arrives as it was sent, with attributes of all types and their digests" message_arrives
  step "a message that is given back comes again, counted" comes_again
  step "of a batch, what is wrong fails and the rest is sent, received and deleted" partial_batch
  step "a long poll is answered empty at its end" empty_long_poll
  step "a purge empties the queue, and another must wait" purged
  refusals
  step "a FIFO queue delivers each group in its order, with sequence numbers that rise" fifo_order
  step "a duplicate is answered as the first message was, and not delivered" fifo_duplicate
  step "a message that was received too often goes to the dead-letter queue" dead_letter
  step "the sources of a dead-letter queue are listed" dead_letter_sources
  step "permissions are added to a queue's policy and removed" permissions
  step "a deleted queue does not exist" deleted_queue
}

found_again() {
  same "$(sqs get-queue-url --queue-name "$queue_name" --query QueueUrl --output text)" "$queue_url"
  same "$(sqs create-queue --queue-name "$queue_name" --query QueueUrl --output text)" "$queue_url"
}

listed() {
  local number urls=""
  for number in 1 2 3; do
    urls+="$(sqs create-queue --queue-name "cli-$$-listed-$number" --query QueueUrl --output text) "
  done
  same "$(sqs list-queues --queue-name-prefix "cli-$$-listed-" --page-size 2 --query 'QueueUrls[]' --output text | tr '\t\n' '  ')" "$urls"
}

attributes_are_set() {
  sqs set-queue-attributes --queue-url "$queue_url" --attributes MessageRetentionPeriod=3600
  local wanted='Attributes.[VisibilityTimeout, MessageRetentionPeriod]'
  same "$(sqs get-queue-attributes --queue-url "$queue_url" --attribute-names All --query "$wanted" --output text)" $'30\t3600'
}

tags_are_set() {
  sqs tag-queue --queue-url "$queue_url" --tags '{"größe":"groß"}'
  same "$(sqs list-queue-tags --queue-url "$queue_url" --query 'Tags.[team, "größe"]' --output text)" $'photos\tgroß'
  sqs untag-queue --queue-url "$queue_url" --tag-keys team
  same "$(sqs list-queue-tags --queue-url "$queue_url" --query 'Tags.[team, "größe"]' --output text)" $'None\tgroß'
}

message_arrives() {
  local sent message
  sent=$(sqs send-message --queue-url "$queue_url" --message-body "$unicode" --message-attributes "$attributes")
  same "$(field "$sent" MD5OfMessageBody)" "$(printf %s "$unicode" | md5sum | cut -d' ' -f1)"
  same "$(field "$sent" MD5OfMessageAttributes)" "$attributes_md5"
  message=$(sqs receive-message --queue-url "$queue_url" --attribute-names All --message-attribute-names All --query 'Messages[0]')
  same "$(field "$message" Body)" "$unicode"
  same "$(field "$message" Attributes.ApproximateReceiveCount)" 1
  same "$(field "$message" MessageAttributes.text.StringValue)" "ż <&>"
  same "$(field "$message" 'MessageAttributes["trace.number"].DataType')" Number.float
  same "$(field "$message" 'MessageAttributes["trace.bytes"].BinaryValue')" AAH+/w==
  sqs delete-message --queue-url "$queue_url" --receipt-handle "$(field "$message" ReceiptHandle)"
}

comes_again() {
  local handle again
  sqs send-message --queue-url "$queue_url" --message-body again --message-attributes "$attributes"
  handle=$(sqs receive-message --queue-url "$queue_url" --query 'Messages[0].ReceiptHandle' --output text)
  same "$(sqs receive-message --queue-url "$queue_url")" ""
  sqs change-message-visibility --queue-url "$queue_url" --receipt-handle "$handle" --visibility-timeout 0
  again=$(sqs receive-message --queue-url "$queue_url" --attribute-names ApproximateReceiveCount --message-attribute-names 'trace.*' --query 'Messages[0]')
  same "$(field "$again" Attributes.ApproximateReceiveCount)" 2
  same "$(field "$again" 'MessageAttributes.text')" undefined
  sqs delete-message --queue-url "$queue_url" --receipt-handle "$(field "$again" ReceiptHandle)"
}

partial_batch() {
  local entries='[{"Id":"good","MessageBody":"good"},{"Id":"delayed","MessageBody":"too long","DelaySeconds":901}]' handle
  same "$(sqs send-message-batch --queue-url "$queue_url" --entries "$entries" --query '[Successful[].Id, Failed[].[Id, Code, SenderFault]]' --output json | tr -d ' \n')" \
    '[["good"],[["delayed","InvalidParameterValue",true]]]'
  handle=$(sqs receive-message --queue-url "$queue_url" --max-number-of-messages 10 --query 'Messages[].ReceiptHandle' --output text)
  entries="[{\"Id\":\"good\",\"ReceiptHandle\":\"$handle\"},{\"Id\":\"bad\",\"ReceiptHandle\":\"made up\"}]"
  same "$(sqs delete-message-batch --queue-url "$queue_url" --entries "$entries" --query '[Successful[].Id, Failed[].[Id, Code]]' --output json | tr -d ' \n')" \
    '[["good"],[["bad","ReceiptHandleIsInvalid"]]]'
}

empty_long_poll() {
  local began=$SECONDS
  same "$(sqs receive-message --queue-url "$queue_url" --wait-time-seconds 2)" ""
  [ $((SECONDS - began)) -ge 2 ]
}

purged() {
  sqs send-message --queue-url "$queue_url" --message-body purged
  sqs purge-queue --queue-url "$queue_url"
  same "$(sqs get-queue-attributes --queue-url "$queue_url" --attribute-names ApproximateNumberOfMessages --query 'Attributes.*' --output text)" 0
  refused AWS.SimpleQueueService.PurgeQueueInProgress sqs purge-queue --queue-url "$queue_url"
}

refusals() {
  step "refused with QueueDoesNotExist" refused AWS.SimpleQueueService.NonExistentQueue sqs get-queue-url --queue-name nobody-made-it
  step "refused with QueueNameExists" refused QueueAlreadyExists sqs create-queue --queue-name "$queue_name" --attributes VisibilityTimeout=31
  step "refused with ReceiptHandleIsInvalid" refused ReceiptHandleIsInvalid sqs delete-message --queue-url "$queue_url" --receipt-handle "made up"
  step "refused with InvalidAttributeName" refused InvalidAttributeName sqs set-queue-attributes --queue-url "$queue_url" --attributes Colour=red
  step "refused with InvalidParameterValue" refused InvalidParameterValue sqs receive-message --queue-url "$queue_url" --max-number-of-messages 11
}

fifo_order() {
  local url numbers body entries=""
  url=$(sqs create-queue --queue-name "cli-$$-orders.fifo" --attributes FifoQueue=true,ContentBasedDeduplication=true --query QueueUrl --output text)
  for body in a1 b1 a2 b2 a3; do
    entries+="{\"Id\":\"$body\",\"MessageBody\":\"$body\",\"MessageGroupId\":\"${body:0:1}\"},"
  done
  numbers=$(sqs send-message-batch --queue-url "$url" --entries "[${entries%,}]" --query 'sort_by(Successful, &SequenceNumber)[].Id' --output text)
  same "$numbers" $'a1\tb1\ta2\tb2\ta3'
  local asked="Messages[?Attributes.MessageGroupId=='a'].Body"
  same "$(sqs receive-message --queue-url "$url" --max-number-of-messages 10 --visibility-timeout 600 --attribute-names All --query "$asked" --output text)" $'a1\ta2\ta3'
}

fifo_duplicate() {
  local url first
  url=$(sqs get-queue-url --queue-name "cli-$$-orders.fifo" --query QueueUrl --output text)
  once() {
    sqs send-message --queue-url "$url" --message-group-id c --message-deduplication-id once --message-body "$1" --query '[MessageId, SequenceNumber]' --output text
  }
  first=$(once first)
  same "$(once second)" "$first"
  same "$(sqs receive-message --queue-url "$url" --max-number-of-messages 10 --query 'Messages[].Body' --output text)" first
}

dead_letter() {
  local dead source arn policy
  dead=$(sqs create-queue --queue-name "cli-$$-jobs-dead" --query QueueUrl --output text)
  arn=$(sqs get-queue-attributes --queue-url "$dead" --attribute-names QueueArn --query Attributes.QueueArn --output text)
  policy="{\\\"deadLetterTargetArn\\\":\\\"$arn\\\",\\\"maxReceiveCount\\\":1}"
  source=$(sqs create-queue --queue-name "cli-$$-jobs" --attributes "{\"RedrivePolicy\":\"$policy\"}" --query QueueUrl --output text)
  sqs send-message --queue-url "$source" --message-body poison
  same "$(sqs receive-message --queue-url "$source" --visibility-timeout 0 --query 'Messages[].Body' --output text)" poison
  same "$(sqs receive-message --queue-url "$source")" ""
  local asked='Messages[0].[Body, Attributes.ApproximateReceiveCount, Attributes.DeadLetterQueueSourceArn]'
  same "$(sqs receive-message --queue-url "$dead" --attribute-names All --query "$asked" --output text)" "poison"$'\t'"2"$'\t'"${arn%-dead}"
}

dead_letter_sources() {
  local dead source
  dead=$(sqs get-queue-url --queue-name "cli-$$-jobs-dead" --query QueueUrl --output text)
  source=$(sqs get-queue-url --queue-name "cli-$$-jobs" --query QueueUrl --output text)
  same "$(sqs list-dead-letter-source-queues --queue-url "$dead" --query 'queueUrls[]' --output text)" "$source"
}

permissions() {
  sqs add-permission --queue-url "$queue_url" --label sender --aws-account-ids 111122223333 --actions SendMessage
  local policy
  policy=$(sqs get-queue-attributes --queue-url "$queue_url" --attribute-names Policy --query Attributes.Policy --output text)
  same "$(field "$policy" 'Statement[0].Sid')" sender
  sqs remove-permission --queue-url "$queue_url" --label sender
  same "$(sqs get-queue-attributes --queue-url "$queue_url" --attribute-names Policy --query Attributes.Policy --output text)" None
}

deleted_queue() {
  sqs delete-queue --queue-url "$queue_url"
  refused AWS.SimpleQueueService.NonExistentQueue sqs send-message --queue-url "$queue_url" --message-body late
}

# field <JSON> <path>
field() {
  node -e 'process.stdout.write(String(new Function("of", `return of.${process.argv[2]}`)(JSON.parse(process.argv[1]))))' "$1" "$2"
}

sqs() { aws_here sqs "$@"; }
