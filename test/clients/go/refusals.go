package main

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"os"
)

// refusalSteps: an error that SQS has a class for is caught by it, any other by its code.
func (of scene) refusalSteps() {
	client, url := of.client, &of.url
	refused := func(name string, is func(error) bool, call func() error) {
		of.Step("refused with "+name, func() {
			err := call()
			holds(is(err), fmt.Sprintf("%v is %s", err, name))
		})
	}
	coded := func(code string) func(error) bool { return func(err error) bool { return refusalOf(err) == code } }
	setting := func(name, value string) func() error {
		return func() error {
			_, err := client.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{QueueUrl: url, Attributes: map[string]string{name: value}})
			return err
		}
	}
	sending := func(count int, id func(int) string) func() error {
		return func() error {
			entries := []types.SendMessageBatchRequestEntry{}
			for number := range count {
				entries = append(entries, types.SendMessageBatchRequestEntry{Id: aws.String(id(number)), MessageBody: aws.String("body")})
			}
			_, err := client.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: url, Entries: entries})
			return err
		}
	}
	refused("QueueDoesNotExist", isA[*types.QueueDoesNotExist], func() error {
		_, err := client.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: aws.String("nobody-made-it")})
		return err
	})
	refused("QueueNameExists", isA[*types.QueueNameExists], func() error {
		_, err := client.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &of.name, Attributes: map[string]string{"VisibilityTimeout": "31"}})
		return err
	})
	refused("ReceiptHandleIsInvalid", isA[*types.ReceiptHandleIsInvalid], func() error {
		_, err := client.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: url, ReceiptHandle: aws.String("made up")})
		return err
	})
	refused("InvalidAttributeName", isA[*types.InvalidAttributeName], setting("Colour", "red"))
	refused("InvalidAttributeValue", coded("InvalidAttributeValue"), setting("VisibilityTimeout", "-1"))
	refused("InvalidMessageContents", isA[*types.InvalidMessageContents], func() error {
		_, err := client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String("\x01")})
		return err
	})
	refused("InvalidParameterValue", coded("InvalidParameterValue"), func() error {
		_, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: url, MaxNumberOfMessages: 11})
		return err
	})
	refused("EmptyBatchRequest", isA[*types.EmptyBatchRequest], sending(0, nil))
	refused("BatchEntryIdsNotDistinct", isA[*types.BatchEntryIdsNotDistinct], sending(2, func(int) string { return "a" }))
	refused("TooManyEntriesInBatchRequest", isA[*types.TooManyEntriesInBatchRequest], sending(11, func(number int) string { return fmt.Sprint(number) }))
}

// keyScenario: wrong keys are taken on a server without credentials, and refused by one that has them.
func keyScenario(tally *Tally, mode string) {
	for _, stranger := range []struct{ who, key, refusal string }{
		{"a wrong secret", os.Getenv("AWS_ACCESS_KEY_ID"), "SignatureDoesNotMatch"},
		{"an unknown key", "AKSTRANGER", "InvalidClientTokenId"},
	} {
		tally.Step(fmt.Sprintf("%s in %s mode", stranger.who, mode), func() {
			client := newClient(func(options *sqs.Options) {
				options.Credentials = credentials.NewStaticCredentialsProvider(stranger.key, "this-is-not-the-secret", "")
			})
			_, err := client.ListQueues(ctx, &sqs.ListQueuesInput{})
			same(refusalOf(err), map[string]string{"dev": "none", "keys": stranger.refusal}[mode])
		})
	}
}
