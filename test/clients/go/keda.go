//go:build !query

package main

import (
	"fmt"
	"os"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// kedaVersion is the release whose scaler (pkg/scalers/aws_sqs_queue_scaler.go) was read to know the calls it makes.
const kedaVersion = "2.21.0"

func init() { programs = append(programs, kedaScenario) }

// A region that is not the default one: KEDA is told the region of a queue, and the endpoint apart from it.
const kedaRegion = "eu-west-1"

// trigger is what of a ScaledObject's trigger decides which calls the scaler makes.
type trigger struct {
	queueURL, region, endpoint string
	onInFlight, onDelayed      bool
}

// queueLength asks for the counts that the trigger scales on, by one call, and adds them up.
func (of trigger) queueLength() (int64, error) {
	settings, err := config.LoadDefaultConfig(ctx, config.WithRegion(of.region))
	if err != nil {
		return 0, err
	}
	client := sqs.NewFromConfig(settings, func(options *sqs.Options) {
		if of.endpoint != "" {
			options.BaseEndpoint = &of.endpoint
		}
	})
	names := []types.QueueAttributeName{types.QueueAttributeNameApproximateNumberOfMessages}
	if of.onInFlight {
		names = append(names, types.QueueAttributeNameApproximateNumberOfMessagesNotVisible)
	}
	if of.onDelayed {
		names = append(names, types.QueueAttributeNameApproximateNumberOfMessagesDelayed)
	}
	answer, err := client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &of.queueURL, AttributeNames: names})
	if err != nil {
		return 0, err
	}
	total := int64(0)
	for _, name := range names {
		text, present := answer.Attributes[string(name)]
		if !present {
			return 0, fmt.Errorf("%s is missing", name)
		}
		total += must(strconv.ParseInt(text, 10, 64))
	}
	return total, nil
}

func kedaScenario(protocol string) int {
	tally := newTally("KEDA SQS scaler", kedaVersion, protocol)
	client := newClient(func(options *sqs.Options) { options.Region = kedaRegion })
	name := fmt.Sprintf("keda-%d", os.Getpid())
	of := scene{tally, client, "", name, createQueue(client, name, nil, nil)}
	for range 3 {
		of.send(&sqs.SendMessageInput{MessageBody: aws.String("job")})
	}
	of.send(&sqs.SendMessageInput{MessageBody: aws.String("later"), DelaySeconds: 900})
	of.one(&sqs.ReceiveMessageInput{})
	endpoint := os.Getenv("AWS_ENDPOINT_URL")
	lengths := func(of trigger) {
		for _, row := range []struct {
			onInFlight, onDelayed bool
			length                int64
		}{{false, false, 2}, {true, false, 3}, {false, true, 3}, {true, true, 4}} {
			of.onInFlight, of.onDelayed = row.onInFlight, row.onDelayed
			same(must(of.queueLength()), row.length)
		}
	}
	tally.Step("the length of a queue, with and without what is in flight and delayed", func() {
		lengths(trigger{queueURL: of.url, region: kedaRegion, endpoint: endpoint})
	})
	tally.Step("the endpoint comes from the environment, the region from the trigger", func() {
		lengths(trigger{queueURL: of.url, region: kedaRegion})
	})
	tally.Step("a queue's bare name does for its URL", func() {
		lengths(trigger{queueURL: name, region: kedaRegion, endpoint: endpoint})
	})
	tally.Step("a queue is not found in another region", func() {
		_, err := trigger{queueURL: of.url, region: "us-east-1", endpoint: endpoint}.queueLength()
		holds(isA[*types.QueueDoesNotExist](err), fmt.Sprint(err, " says that the queue does not exist"))
	})
	tally.Step("an empty queue has length 0, so the fleet may shrink to nothing", func() {
		must(client.PurgeQueue(ctx, &sqs.PurgeQueueInput{QueueUrl: &of.url}))
		same(must(trigger{queueURL: of.url, region: kedaRegion, endpoint: endpoint, onInFlight: true, onDelayed: true}.queueLength()), int64(0))
	})
	return tally.Conclude()
}
