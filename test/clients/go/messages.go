package main

import (
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

const unicode = "żółw 🐢 \t\n\r & <\"quoted\">"

const largestBytes = 1024 * 1024

var attributes = map[string]types.MessageAttributeValue{
	"text":         {DataType: aws.String("String"), StringValue: aws.String(unicode)},
	"trace.number": {DataType: aws.String("Number.float"), StringValue: aws.String("-1.50")},
	"trace.bytes":  {DataType: aws.String("Binary"), BinaryValue: everyByte()},
}

func everyByte() []byte {
	bytes := make([]byte, 256)
	for value := range bytes {
		bytes[value] = byte(value)
	}
	return bytes
}

func (of scene) messageSteps() {
	of.Step("a message arrives as it was sent, with attributes of all types and their digests", func() {
		sent := of.send(&sqs.SendMessageInput{MessageBody: aws.String(unicode), MessageAttributes: attributes})
		same(*sent.MD5OfMessageBody, digestOf([]byte(unicode)))
		same(*sent.MD5OfMessageAttributes, attributesDigest(attributes))
		message := of.one(&sqs.ReceiveMessageInput{MessageAttributeNames: []string{"All"}, AttributeNames: []types.QueueAttributeName{"All"}})
		same(*message.MessageId, *sent.MessageId)
		same(*message.Body, unicode)
		same(*message.MD5OfMessageAttributes, *sent.MD5OfMessageAttributes)
		same(len(message.MessageAttributes), len(attributes))
		for name, value := range attributes {
			got := message.MessageAttributes[name]
			same([]any{got.DataType, got.StringValue, got.BinaryValue}, []any{value.DataType, value.StringValue, value.BinaryValue})
		}
		same(message.Attributes["ApproximateReceiveCount"], "1")
		of.delete(message)
	})
	of.Step("only the attributes that are asked for come", func() {
		of.send(&sqs.SendMessageInput{MessageBody: aws.String("filtered"), MessageAttributes: attributes})
		message := of.one(&sqs.ReceiveMessageInput{MessageAttributeNames: []string{"trace.*"}, AttributeNames: []types.QueueAttributeName{"SentTimestamp"}})
		same(slices.Sorted(maps.Keys(message.MessageAttributes)), []string{"trace.bytes", "trace.number"})
		same(slices.Collect(maps.Keys(message.Attributes)), []string{"SentTimestamp"})
		of.delete(message)
	})
	of.Step("the largest message arrives whole, however the client escapes it", func() {
		body := strings.Repeat("<", largestBytes)
		of.send(&sqs.SendMessageInput{MessageBody: &body})
		message := of.one(&sqs.ReceiveMessageInput{})
		holds(*message.Body == body, "the body is as it was sent")
		of.delete(message)
	})
	of.Step("a message of a standard queue may have a group", func() {
		of.send(&sqs.SendMessageInput{MessageBody: aws.String("grouped"), MessageGroupId: aws.String("tenant")})
		message := of.one(&sqs.ReceiveMessageInput{AttributeNames: []types.QueueAttributeName{"MessageGroupId"}})
		same(message.Attributes, map[string]string{"MessageGroupId": "tenant"})
		of.delete(message)
	})
	of.Step("a long poll is answered when a message comes, or empty at its end", func() {
		began := time.Now()
		sender := time.AfterFunc(300*time.Millisecond, func() { of.send(&sqs.SendMessageInput{MessageBody: aws.String("awaited")}) })
		defer sender.Stop()
		message := of.one(&sqs.ReceiveMessageInput{WaitTimeSeconds: 10})
		same(*message.Body, "awaited")
		holds(time.Since(began) < 5*time.Second, "the poll was answered when the message came")
		of.delete(message)
		same(len(of.receive(&sqs.ReceiveMessageInput{WaitTimeSeconds: 1})), 0)
	})
	of.Step("a delayed message comes after its delay", func() {
		of.send(&sqs.SendMessageInput{MessageBody: aws.String("delayed"), DelaySeconds: 1})
		same(len(of.receive(&sqs.ReceiveMessageInput{})), 0)
		message := of.one(&sqs.ReceiveMessageInput{WaitTimeSeconds: 10})
		same(*message.Body, "delayed")
		of.delete(message)
	})
}

func (of scene) visibilitySteps() {
	of.Step("a message that is given back comes again, counted", func() {
		of.send(&sqs.SendMessageInput{MessageBody: aws.String("again")})
		first := of.one(&sqs.ReceiveMessageInput{})
		same(len(of.receive(&sqs.ReceiveMessageInput{})), 0)
		of.giveBack(first)
		second := of.one(&sqs.ReceiveMessageInput{AttributeNames: []types.QueueAttributeName{"ApproximateReceiveCount"}})
		same(*second.MessageId, *first.MessageId)
		same(second.Attributes["ApproximateReceiveCount"], "2")
		of.delete(second)
	})
	of.Step("a message comes again when its visibility timeout is over", func() {
		of.send(&sqs.SendMessageInput{MessageBody: aws.String("late")})
		first := of.one(&sqs.ReceiveMessageInput{VisibilityTimeout: 1})
		second := of.one(&sqs.ReceiveMessageInput{WaitTimeSeconds: 10})
		same(*second.MessageId, *first.MessageId)
		of.delete(second)
	})
	of.Step("several are given back at once, and one that cannot be is named", func() {
		of.send(&sqs.SendMessageInput{MessageBody: aws.String("one")})
		message := of.one(&sqs.ReceiveMessageInput{})
		answer := must(of.client.ChangeMessageVisibilityBatch(ctx, &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &of.url, Entries: []types.ChangeMessageVisibilityBatchRequestEntry{
			// Not 0: that the older SDK leaves out, and SQS refuses it then.
			{Id: aws.String("good"), ReceiptHandle: message.ReceiptHandle, VisibilityTimeout: 1},
			{Id: aws.String("bad"), ReceiptHandle: aws.String("made up"), VisibilityTimeout: 1},
		}}))
		same(len(answer.Successful), 1)
		same(*answer.Successful[0].Id, "good")
		same(failures(answer.Failed), []string{"bad ReceiptHandleIsInvalid true"})
		of.delete(of.one(&sqs.ReceiveMessageInput{WaitTimeSeconds: 10}))
	})
}

func (of scene) batchSteps() {
	of.Step("ten messages are sent, received and deleted at once", func() {
		var entries []types.SendMessageBatchRequestEntry
		var bodies, received []string
		for number := range 10 {
			body := fmt.Sprintf("%s %d", unicode, number)
			bodies = append(bodies, body)
			entries = append(entries, types.SendMessageBatchRequestEntry{Id: aws.String(fmt.Sprint(number)), MessageBody: &body, MessageAttributes: attributes})
		}
		sent := must(of.client.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &of.url, Entries: entries}))
		same([]int{len(sent.Successful), len(sent.Failed)}, []int{10, 0})
		var handles []types.DeleteMessageBatchRequestEntry
		for number, message := range of.receive(&sqs.ReceiveMessageInput{MaxNumberOfMessages: 10, MessageAttributeNames: []string{"All"}}) {
			received = append(received, *message.Body)
			handles = append(handles, types.DeleteMessageBatchRequestEntry{Id: aws.String(fmt.Sprint(number)), ReceiptHandle: message.ReceiptHandle})
		}
		slices.Sort(received)
		same(received, bodies)
		same(len(must(of.client.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &of.url, Entries: handles})).Successful), 10)
	})
	of.Step("of a batch, what is wrong fails and the rest is sent", func() {
		answer := must(of.client.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &of.url, Entries: []types.SendMessageBatchRequestEntry{
			{Id: aws.String("good"), MessageBody: aws.String("good")},
			{Id: aws.String("forbidden"), MessageBody: aws.String("no \x00 in XML")},
			{Id: aws.String("delayed"), MessageBody: aws.String("too long"), DelaySeconds: 901},
		}}))
		same(len(answer.Successful), 1)
		same(*answer.Successful[0].Id, "good")
		same(failures(answer.Failed), []string{"delayed InvalidParameterValue true", "forbidden InvalidMessageContents true"})
	})
	of.Step("a purge empties the queue, and another must wait", func() {
		must(of.client.PurgeQueue(ctx, &sqs.PurgeQueueInput{QueueUrl: &of.url}))
		same(len(of.receive(&sqs.ReceiveMessageInput{})), 0)
		same(attributesOf(of.client, of.url, "ApproximateNumberOfMessages"), map[string]string{"ApproximateNumberOfMessages": "0"})
		_, err := of.client.PurgeQueue(ctx, &sqs.PurgeQueueInput{QueueUrl: &of.url})
		holds(isA[*types.PurgeQueueInProgress](err), fmt.Sprint(err, " says that a purge is going on"))
	})
}

func (of scene) send(input *sqs.SendMessageInput) *sqs.SendMessageOutput {
	input.QueueUrl = &of.url
	return must(of.client.SendMessage(ctx, input))
}

func (of scene) receive(input *sqs.ReceiveMessageInput) []types.Message {
	input.QueueUrl = &of.url
	return must(of.client.ReceiveMessage(ctx, input)).Messages
}

func (of scene) one(input *sqs.ReceiveMessageInput) types.Message {
	messages := of.receive(input)
	same(len(messages), 1)
	return messages[0]
}

func (of scene) delete(message types.Message) {
	must(of.client.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &of.url, ReceiptHandle: message.ReceiptHandle}))
}

func (of scene) giveBack(message types.Message) {
	must(of.client.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{QueueUrl: &of.url, ReceiptHandle: message.ReceiptHandle, VisibilityTimeout: 0}))
}

func failures(failed []types.BatchResultErrorEntry) []string {
	var lines []string
	for _, entry := range failed {
		lines = append(lines, fmt.Sprintf("%s %s %t", *entry.Id, *entry.Code, entry.SenderFault))
	}
	slices.Sort(lines)
	return lines
}

func digestOf(bytes []byte) string {
	digest := md5.Sum(bytes)
	return hex.EncodeToString(digest[:])
}

// attributesDigest: names in order, each part with its length before it; as the SQS developer guide writes it down.
func attributesDigest(attributes map[string]types.MessageAttributeValue) string {
	var bytes []byte
	part := func(data []byte) { bytes = append(binary.BigEndian.AppendUint32(bytes, uint32(len(data))), data...) }
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		value := attributes[name]
		part([]byte(name))
		part([]byte(*value.DataType))
		if value.BinaryValue == nil {
			bytes = append(bytes, 1)
			part([]byte(*value.StringValue))
		} else {
			bytes = append(bytes, 2)
			part(value.BinaryValue)
		}
	}
	return digestOf(bytes)
}
