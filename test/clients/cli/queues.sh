# The scenario of queues. Each step builds on those before it.

queue_name="cli-$$-orders"
unicode=$'żółw 🐢 \t\r\n & <"quoted">'
attributes='{"text":{"DataType":"String","StringValue":"ż <&>"},"trace.number":{"DataType":"Number.float","StringValue":"-1.50"},"trace.bytes":{"DataType":"Binary","BinaryValue":"AAH+/w=="}}'

queue_scenario() {
  queue_url=$(sqs create-queue --queue-name "$queue_name" --attributes VisibilityTimeout=30 --tags team=photos --query QueueUrl --output text)
  step "a queue is found by its name, created again as it is, and listed" found_and_listed
  step "attributes and tags are read and set" attributes_and_tags
  step "a message arrives as it was sent, with attributes of all types" message_arrives
  step "a message that is given back comes again, counted" comes_again
  step "of a batch, what is wrong fails and the rest is sent, received and deleted" partial_batch
  step "a long poll is answered empty at its end" empty_long_poll
  step "a purge empties the queue, and another must wait" purged
  step "what is wrong is refused with its code" wrong_calls
  step "a deleted queue does not exist" deleted_queue
}

found_and_listed() {
  same "$(sqs get-queue-url --queue-name "$queue_name" --query QueueUrl --output text)" "$queue_url"
  same "$(sqs create-queue --queue-name "$queue_name" --query QueueUrl --output text)" "$queue_url"
  same "$(sqs list-queues --queue-name-prefix "cli-$$-" --query 'QueueUrls[]' --output text)" "$queue_url"
}

attributes_and_tags() {
  sqs set-queue-attributes --queue-url "$queue_url" --attributes MessageRetentionPeriod=3600
  local wanted='Attributes.[VisibilityTimeout, MessageRetentionPeriod]'
  same "$(sqs get-queue-attributes --queue-url "$queue_url" --attribute-names All --query "$wanted" --output text)" $'30\t3600'
  sqs tag-queue --queue-url "$queue_url" --tags '{"größe":"groß"}'
  sqs untag-queue --queue-url "$queue_url" --tag-keys team
  same "$(sqs list-queue-tags --queue-url "$queue_url" --query 'Tags."größe"' --output text)" groß
}

message_arrives() {
  local body_md5 message
  body_md5=$(sqs send-message --queue-url "$queue_url" --message-body "$unicode" --message-attributes "$attributes" --query MD5OfMessageBody --output text)
  same "$body_md5" "$(printf %s "$unicode" | md5sum | cut -d' ' -f1)"
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

wrong_calls() {
  refused AWS.SimpleQueueService.NonExistentQueue sqs get-queue-url --queue-name nobody-made-it
  refused QueueAlreadyExists sqs create-queue --queue-name "$queue_name" --attributes VisibilityTimeout=31
  refused ReceiptHandleIsInvalid sqs delete-message --queue-url "$queue_url" --receipt-handle "made up"
  refused InvalidAttributeName sqs set-queue-attributes --queue-url "$queue_url" --attributes Colour=red
  refused InvalidParameterValue sqs receive-message --queue-url "$queue_url" --max-number-of-messages 11
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
