package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// fifoScenario: order, groups, deduplication; and who else may use a queue. Each step builds on those before it.
func fifoScenario(of scene) {
	of.url = createQueue(of.client, of.prefix+"orders.fifo", map[string]string{"FifoQueue": "true", "ContentBasedDeduplication": "true"}, nil)
	of.orderSteps()
	of.deduplicationSteps()
	of.permissionSteps()
}

func (of scene) orderSteps() {
	of.Step("a FIFO queue delivers each group in its order, with sequence numbers that rise", func() {
		var entries []types.SendMessageBatchRequestEntry
		for _, body := range []string{"a1", "b1", "a2", "b2", "a3", "b3"} {
			entries = append(entries, types.SendMessageBatchRequestEntry{
				Id: aws.String(body), MessageBody: aws.String(body), MessageGroupId: aws.String(body[:1]), MessageDeduplicationId: aws.String("order-" + body),
			})
		}
		sent := map[string]string{}
		for _, entry := range must(of.client.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &of.url, Entries: entries})).Successful {
			sent[*entry.Id] = *entry.SequenceNumber
		}
		holds(slices.IsSorted([]string{sent["a1"], sent["b1"], sent["a2"], sent["b2"], sent["a3"], sent["b3"]}), "sequence numbers rise")
		messages := of.next(10)
		groups := map[string][]string{}
		for _, message := range messages {
			body := *message.Body
			groups[body[:1]] = append(groups[body[:1]], body)
			same(message.Attributes["MessageGroupId"], body[:1])
			same(message.Attributes["MessageDeduplicationId"], "order-"+body)
			same(message.Attributes["SequenceNumber"], sent[body])
		}
		same(groups, map[string][]string{"a": {"a1", "a2", "a3"}, "b": {"b1", "b2", "b3"}})
		of.deleteAll(messages)
	})
	of.Step("a group with a message in flight waits, other groups do not", func() {
		for _, body := range []string{"a4", "a5", "b4"} {
			of.sendTo(body[:1], body)
		}
		first := of.next(1)
		same(bodies(first), []string{"a4"})
		others := of.next(10)
		same(bodies(others), []string{"b4"})
		of.deleteAll(first)
		last := of.next(10)
		same(bodies(last), []string{"a5"})
		of.deleteAll(append(others, last...))
	})
	of.Step("a message that is given back comes again before the rest of its group", func() {
		of.sendTo("a", "a6")
		of.sendTo("a", "a7")
		messages := of.next(10)
		same(bodies(messages), []string{"a6", "a7"})
		of.giveBack(messages[1])
		of.giveBack(messages[0])
		again := of.next(10)
		same(bodies(again), []string{"a6", "a7"})
		of.deleteAll(again)
	})
}

func (of scene) deduplicationSteps() {
	once := func(body string) *sqs.SendMessageOutput {
		return of.send(&sqs.SendMessageInput{MessageBody: &body, MessageGroupId: aws.String("a"), MessageDeduplicationId: aws.String("once")})
	}
	of.Step("a duplicate is answered as the first message was, and not delivered", func() {
		first, second := once("same"), once("same again")
		same([]string{*second.MessageId, *second.SequenceNumber}, []string{*first.MessageId, *first.SequenceNumber})
		messages := of.next(10)
		same(bodies(messages), []string{"same"})
		of.deleteAll(messages)
		once("same")
		same(len(of.next(10)), 0)
	})
	of.Step("a body is its own deduplication id where the queue is told so", func() {
		first, second := of.sendTo("a", "content"), of.sendTo("a", "content")
		same(*second.MessageId, *first.MessageId)
		messages := of.next(10)
		digest := sha256.Sum256([]byte("content"))
		same(messages[0].Attributes["MessageDeduplicationId"], hex.EncodeToString(digest[:]))
		of.deleteAll(messages)
	})
	of.Step("a FIFO queue refuses a message without a group", func() {
		_, err := of.client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &of.url, MessageBody: aws.String("body")})
		same(refusalOf(err), "MissingParameter")
	})
}

func (of scene) permissionSteps() {
	of.Step("permissions are added to a queue's policy and removed", func() {
		label := aws.String("sender")
		must(of.client.AddPermission(ctx, &sqs.AddPermissionInput{QueueUrl: &of.url, Label: label, AWSAccountIds: []string{"111122223333"}, Actions: []string{"SendMessage"}}))
		var policy struct {
			Statement []struct{ Sid, Effect, Action string }
		}
		must(0, json.Unmarshal([]byte(attributesOf(of.client, of.url, "Policy")["Policy"]), &policy))
		same(policy.Statement, []struct{ Sid, Effect, Action string }{{"sender", "Allow", "SQS:SendMessage"}})
		must(of.client.RemovePermission(ctx, &sqs.RemovePermissionInput{QueueUrl: &of.url, Label: label}))
		same(len(attributesOf(of.client, of.url, "Policy")), 0)
	})
}

func (of scene) sendTo(group, body string) *sqs.SendMessageOutput {
	return of.send(&sqs.SendMessageInput{MessageBody: &body, MessageGroupId: &group})
}

// next receives at most so many, with all that the queue tells of them.
func (of scene) next(most int32) []types.Message {
	return of.receive(&sqs.ReceiveMessageInput{MaxNumberOfMessages: most, AttributeNames: []types.QueueAttributeName{"All"}})
}

func (of scene) deleteAll(messages []types.Message) {
	for _, message := range messages {
		of.delete(message)
	}
}

func bodies(messages []types.Message) []string {
	var all []string
	for _, message := range messages {
		all = append(all, *message.Body)
	}
	return all
}
