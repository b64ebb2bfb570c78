package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
)

var ctx = context.Background()

// scene is one queue with what the steps need to use it.
type scene struct {
	*Tally
	client            *sqs.Client
	prefix, name, url string
}

// queueScenario: each step builds on those before it.
func queueScenario(tally *Tally, client *sqs.Client) {
	prefix := fmt.Sprintf("go-%d-", os.Getpid())
	of := scene{tally, client, prefix, prefix + "orders", ""}
	of.url = createQueue(client, of.name, map[string]string{"VisibilityTimeout": "30"}, map[string]string{"team": "photos"})
	of.queueSteps()
	of.messageSteps()
	of.visibilitySteps()
	of.batchSteps()
	of.refusalSteps()
	fifoScenario(of)
	deadLetterScenario(of)
}

func createQueue(client *sqs.Client, name string, attributes, tags map[string]string) string {
	return *must(client.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes, Tags: tags})).QueueUrl
}

func (of scene) queueSteps() {
	of.Step("a queue is found by its name, and created again as it is", func() {
		same(*must(of.client.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &of.name})).QueueUrl, of.url)
		same(createQueue(of.client, of.name, map[string]string{"VisibilityTimeout": "30"}, nil), of.url)
	})
	of.Step("attributes are read and set", func() {
		change := &sqs.SetQueueAttributesInput{QueueUrl: &of.url, Attributes: map[string]string{"MessageRetentionPeriod": "3600"}}
		must(of.client.SetQueueAttributes(ctx, change))
		attributes := attributesOf(of.client, of.url, types.QueueAttributeNameAll)
		same(attributes["VisibilityTimeout"], "30")
		same(attributes["MessageRetentionPeriod"], "3600")
		arn := attributes["QueueArn"]
		holds(strings.HasPrefix(arn, "arn:aws:sqs:us-east-1:") && strings.HasSuffix(arn, ":"+of.name), arn+" is the queue's ARN")
	})
	of.Step("tags are read, added and removed", func() {
		must(of.client.TagQueue(ctx, &sqs.TagQueueInput{QueueUrl: &of.url, Tags: map[string]string{"größe": "groß"}}))
		same(of.tags(), map[string]string{"team": "photos", "größe": "groß"})
		must(of.client.UntagQueue(ctx, &sqs.UntagQueueInput{QueueUrl: &of.url, TagKeys: []string{"team"}}))
		same(of.tags(), map[string]string{"größe": "groß"})
	})
	of.Step("queues are listed by prefix, page by page", func() {
		var urls, listed []string
		for number := range 5 {
			urls = append(urls, createQueue(of.client, fmt.Sprintf("%slisted-%d", of.prefix, number), nil, nil))
		}
		pages := sqs.NewListQueuesPaginator(of.client, &sqs.ListQueuesInput{QueueNamePrefix: aws.String(of.prefix + "listed-"), MaxResults: aws.Int32(2)})
		for pages.HasMorePages() {
			listed = append(listed, must(pages.NextPage(ctx)).QueueUrls...)
		}
		slices.Sort(listed)
		same(listed, urls)
	})
	of.Step("a deleted queue does not exist", func() {
		url := createQueue(of.client, of.prefix+"deleted", nil, nil)
		must(of.client.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: &url}))
		_, err := of.client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &url, MessageBody: aws.String("late")})
		// By its code: in the older SDK, SendMessage has no class for it.
		same(refusalOf(err), "AWS.SimpleQueueService.NonExistentQueue")
	})
}

func (of scene) tags() map[string]string {
	return must(of.client.ListQueueTags(ctx, &sqs.ListQueueTagsInput{QueueUrl: &of.url})).Tags
}

func attributesOf(client *sqs.Client, url string, names ...types.QueueAttributeName) map[string]string {
	return must(client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: names})).Attributes
}

func isA[Class error](err error) bool {
	var class Class
	return errors.As(err, &class)
}

// refusalOf returns the code that a call was refused with, or "none".
func refusalOf(err error) string {
	var refusal smithy.APIError
	switch {
	case err == nil:
		return "none"
	case errors.As(err, &refusal):
		return refusal.ErrorCode()
	default:
		return err.Error()
	}
}
