package main

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

const movedSecondsMax = 30

// deadLetterScenario: dead-letter queues, and the way back from them. Each step builds on those before it.
func deadLetterScenario(of scene) {
	client := of.client
	policy := func(target string) map[string]string {
		return map[string]string{"RedrivePolicy": fmt.Sprintf(`{"deadLetterTargetArn":"%s","maxReceiveCount":1}`, target)}
	}
	dead, source := of, of
	dead.url = createQueue(client, of.prefix+"jobs-dead", nil, nil)
	deadARN := attributesOf(client, dead.url, "QueueArn")["QueueArn"]
	source.url = createQueue(client, of.prefix+"jobs", policy(deadARN), nil)
	sourceARN := attributesOf(client, source.url, "QueueArn")["QueueArn"]
	of.Step("a message that was received too often goes to the dead-letter queue", func() {
		sent := source.send(&sqs.SendMessageInput{MessageBody: aws.String("poison")})
		message := source.one(&sqs.ReceiveMessageInput{})
		source.giveBack(message)
		same(len(source.next(1)), 0)
		message = dead.next(1)[0]
		same([]string{*message.MessageId, *message.Body}, []string{*sent.MessageId, "poison"})
		same(message.Attributes["DeadLetterQueueSourceArn"], sourceARN)
		same(message.Attributes["ApproximateReceiveCount"], "2")
		dead.giveBack(message)
	})
	of.Step("the sources of a dead-letter queue are listed", func() {
		same(must(client.ListDeadLetterSourceQueues(ctx, &sqs.ListDeadLetterSourceQueuesInput{QueueUrl: &dead.url})).QueueUrls, []string{source.url})
	})
	of.Step("a move task brings dead letters back to where they came from", func() {
		must(client.StartMessageMoveTask(ctx, &sqs.StartMessageMoveTaskInput{SourceArn: &deadARN}))
		latest := func() types.ListMessageMoveTasksResultEntry {
			return must(client.ListMessageMoveTasks(ctx, &sqs.ListMessageMoveTasksInput{SourceArn: &deadARN})).Results[0]
		}
		end := time.Now().Add(movedSecondsMax * time.Second)
		task := latest()
		for ; *task.Status != "COMPLETED"; task = latest() {
			holds(time.Now().Before(end), *task.Status+" becomes COMPLETED in time")
			time.Sleep(100 * time.Millisecond)
		}
		same(fmt.Sprint(task.ApproximateNumberOfMessagesMoved), "1")
		same([][]string{bodies(source.next(1)), bodies(dead.next(1))}, [][]string{{"poison"}, nil})
	})
	of.Step("a redrive policy that names no queue is refused, and so is the task of a queue that is none's dead-letter queue", func() {
		_, err := client.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{QueueUrl: &source.url, Attributes: policy(deadARN + "-not")})
		same(refusalOf(err), "InvalidParameterValue")
		_, err = client.StartMessageMoveTask(ctx, &sqs.StartMessageMoveTaskInput{SourceArn: &sourceARN})
		same(refusalOf(err), "InvalidParameterValue")
	})
}
