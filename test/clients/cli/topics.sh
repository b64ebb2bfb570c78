# The scenario of topics. Each step builds on those before it; messages are taken from queues of this scenario.

topic_name="cli-$$-news"

topic_scenario() {
  topic_arn=$(sns create-topic --name "$topic_name" --attributes DisplayName=News --tags Key=team,Value=photos --query TopicArn --output text)
  step "a topic is made again as it is, and listed" topic_found_again
  step "attributes of a topic are read and set" topic_attributes
  step "tags of a topic are read, added and removed" topic_tags
  step "permissions are added to a topic's policy and removed" topic_permissions
  step "a message comes in its envelope, signed by a certificate that can be fetched, and raw as it was published" notified
  step "a batch is published in its order" published_batch
  step "a subscription gets what its filter policy matches, by attributes or by the body" filtered
  step "a subscription is found again, shown and listed, and its attributes are set" subscription_attributes
  step "an unsubscribed queue gets nothing more, and a deleted topic does not exist" unsubscribed
  step "a FIFO topic hands each group on in its order, and knows duplicates again" fifo_topic
  step "what is wrong with a topic, a subscription or a message is refused with its code" wrong_topic_calls
}

topic_found_again() {
  same "$(sns create-topic --name "$topic_name" --query TopicArn --output text)" "$topic_arn"
  same "$(sns list-topics --query "Topics[?TopicArn=='$topic_arn'] | length(@)" --output text)" 1
}

topic_attributes() {
  sns set-topic-attributes --topic-arn "$topic_arn" --attribute-name DisplayName --attribute-value größer
  same "$(sns get-topic-attributes --topic-arn "$topic_arn" --query 'Attributes.[TopicArn, DisplayName, SubscriptionsConfirmed]' --output text)" \
    "$topic_arn"$'\tgrößer\t0'
}

topic_tags() {
  sns tag-resource --resource-arn "$topic_arn" --tags Key=größe,Value=groß
  sns untag-resource --resource-arn "$topic_arn" --tag-keys team
  same "$(sns list-tags-for-resource --resource-arn "$topic_arn" --query 'Tags[].[Key, Value]' --output text)" $'größe\tgroß'
}

topic_permissions() {
  local statements
  sns add-permission --topic-arn "$topic_arn" --label partner --aws-account-id 111122223333 --action-name Publish
  statements=$(sns get-topic-attributes --topic-arn "$topic_arn" --query Attributes.Policy --output text)
  same "$(field "$statements" 'Statement.slice(1).map((one) => one.Sid + one.Action)')" partnerSNS:Publish
  sns remove-permission --topic-arn "$topic_arn" --label partner
  statements=$(sns get-topic-attributes --topic-arn "$topic_arn" --query Attributes.Policy --output text)
  same "$(field "$statements" Statement.length)" 1
}

notified() {
  local sent messages envelope
  subscribed enveloped RawMessageDelivery=false
  subscribed raw RawMessageDelivery=true
  sent=$(sns publish --topic-arn "$topic_arn" --subject Größe --message "$unicode" --message-attributes "$attributes" --query MessageId --output text)
  envelope=$(field "$(taken enveloped)" 'at(0).Body')
  same "$(field "$envelope" MessageId)" "$sent"
  same "$(field "$envelope" Subject)" Größe
  same "$(field "$envelope" Message)" "$unicode"
  same "$(field "$envelope" 'MessageAttributes["trace.number"].Value')" -1.50
  same "$(curl -fsS "$(field "$envelope" SigningCertURL)" | head -n 1)" "-----BEGIN CERTIFICATE-----"
  messages=$(taken raw)
  same "$(field "$messages" 'at(0).Body')" "$unicode"
  same "$(field "$messages" 'at(0).MD5OfMessageAttributes')" "$attributes_md5"
}

published_batch() {
  local entries
  entries='[{"Id":"e1","Message":"m1"},{"Id":"e2","Message":"m2"},{"Id":"e3","Message":"m3"}]'
  same "$(sns publish-batch --topic-arn "$topic_arn" --publish-batch-request-entries "$entries" --query '[Successful[].Id, length(Failed)] | []' --output text)" \
    $'e1\te2\te3\t0'
  same "$(field "$(taken raw)" 'map((one) => one.Body)')" m1,m2,m3
  same "$(field "$(taken enveloped)" 'map((one) => JSON.parse(one.Body).Message)')" m1,m2,m3
}

filtered() {
  local given
  subscribed by-attributes '{"RawMessageDelivery":"true","FilterPolicy":"{\"price\":[{\"numeric\":[\">=\",10]}]}"}'
  given=$(subscribed by-body '{"RawMessageDelivery":"true","FilterPolicyScope":"MessageBody","FilterPolicy":"{\"kind\":[{\"anything-but\":\"b\"}]}"}')
  sns publish --topic-arn "$topic_arn" --message '{"kind":"a"}' --message-attributes '{"price":{"DataType":"Number","StringValue":"9.9"}}'
  sns publish --topic-arn "$topic_arn" --message '{"kind":"b"}' --message-attributes '{"price":{"DataType":"Number","StringValue":"10.0"}}'
  same "$(field "$(taken by-attributes)" 'map((one) => one.Body)')" '{"kind":"b"}'
  same "$(field "$(taken by-body)" 'map((one) => one.Body)')" '{"kind":"a"}'
  sns unsubscribe --subscription-arn "$given"
}

subscription_attributes() {
  local given
  given=$(subscribed raw RawMessageDelivery=true)
  same "$(sns list-subscriptions-by-topic --topic-arn "$topic_arn" --query "Subscriptions[?SubscriptionArn=='$given'].Endpoint" --output text)" "$(queue_arn raw)"
  sns set-subscription-attributes --subscription-arn "$given" --attribute-name RawMessageDelivery --attribute-value false
  same "$(sns get-subscription-attributes --subscription-arn "$given" --query 'Attributes.[RawMessageDelivery, PendingConfirmation, Protocol]' --output text)" \
    $'false\tfalse\tsqs'
  sns unsubscribe --subscription-arn "$given"
}

unsubscribed() {
  taken raw >/dev/null
  sns publish --topic-arn "$topic_arn" --message "nobody hears"
  same "$(taken raw)" null
  sns delete-topic --topic-arn "$topic_arn"
  refused NotFound sns publish --topic-arn "$topic_arn" --message late
}

fifo_topic() {
  local arn entries first
  arn=$(sns create-topic --name "$topic_name.fifo" --attributes FifoTopic=true,ContentBasedDeduplication=true --query TopicArn --output text)
  sns subscribe --topic-arn "$arn" --protocol sqs --notification-endpoint "$(queue_arn news.fifo)" --attributes RawMessageDelivery=true
  entries='[{"Id":"a1","Message":"a1","MessageGroupId":"a"},{"Id":"b1","Message":"b1","MessageGroupId":"b"},{"Id":"a2","Message":"a2","MessageGroupId":"a"}]'
  first=$(sns publish-batch --topic-arn "$arn" --publish-batch-request-entries "$entries" --query 'Successful[0].[MessageId, SequenceNumber]' --output text)
  same "$(sns publish --topic-arn "$arn" --message a1 --message-group-id a --query '[MessageId, SequenceNumber]' --output text)" "$first"
  same "$(field "$(taken news.fifo)" 'map((one) => one.Body).filter((body) => body.startsWith("a"))')" a1,a2
  refused InvalidParameter sns publish --topic-arn "$arn" --message "no group"
}

wrong_topic_calls() {
  refused NotFound sns get-topic-attributes --topic-arn "$topic_arn-nowhere"
  refused ResourceNotFound sns list-tags-for-resource --resource-arn "$topic_arn-nowhere"
  refused InvalidParameter sns create-topic --name no.name
  refused InvalidParameter sns subscribe --topic-arn "$topic_arn.fifo" --protocol sqs --notification-endpoint no-arn
  refused BatchEntryIdsNotDistinct sns publish-batch --topic-arn "$topic_arn.fifo" \
    --publish-batch-request-entries '[{"Id":"a","Message":"m","MessageGroupId":"g"},{"Id":"a","Message":"m","MessageGroupId":"g"}]'
}

# queue_arn <name>: of the scenario's queue of that name, which is made if it is not there.
queue_arn() {
  local url
  url=$(topic_queue "$1")
  sqs get-queue-attributes --queue-url "$url" --attribute-names QueueArn --query Attributes.QueueArn --output text
}

topic_queue() {
  local options=()
  case $1 in *.fifo) options=(--attributes FifoQueue=true) ;; esac
  sqs create-queue --queue-name "cli-$$-topic-$1" "${options[@]}" --query QueueUrl --output text
}

# subscribed <queue> <attributes>: prints the subscription's ARN.
subscribed() {
  sns subscribe --topic-arn "$topic_arn" --protocol sqs --notification-endpoint "$(queue_arn "$1")" --attributes "$2" --query SubscriptionArn --output text
}

# taken <queue>: what is in it, as a list in JSON, or null. It is hidden then for as long as the scenario takes.
taken() {
  sqs receive-message --queue-url "$(topic_queue "$1")" --max-number-of-messages 10 --visibility-timeout 600 --message-attribute-names All \
    --query Messages --output json
}

sns() { aws_here sns "$@"; }
