"""Dead-letter queues, and the way back from them. Each step builds on those before it."""

import json
import os
import time

from tally import refusal_of, same

MOVED_SECONDS_MAX = 30


def dead_letter_scenario(tally, sqs):
    prefix = f"python-{os.getpid()}-jobs"
    dead = sqs.create_queue(QueueName=f"{prefix}-dead")["QueueUrl"]
    dead_arn = arn_of(sqs, dead)
    policy = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 1})
    url = sqs.create_queue(QueueName=prefix, Attributes={"RedrivePolicy": policy})["QueueUrl"]
    arn = arn_of(sqs, url)

    @tally.step("a message that was received too often goes to the dead-letter queue")
    def _():
        sent = sqs.send_message(QueueUrl=url, MessageBody="poison")
        same(len(receive(sqs, url)), 1)
        same(receive(sqs, url), [])
        (message,) = receive(sqs, dead)
        same((message["MessageId"], message["Body"]), (sent["MessageId"], "poison"))
        same(message["Attributes"]["DeadLetterQueueSourceArn"], arn)
        same(message["Attributes"]["ApproximateReceiveCount"], "2")

    @tally.step("the sources of a dead-letter queue are listed")
    def _():
        same(sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"], [url])

    @tally.step("a move task brings dead letters back to where they came from")
    def _():
        sqs.start_message_move_task(SourceArn=dead_arn)
        end = time.monotonic() + MOVED_SECONDS_MAX
        while (task := sqs.list_message_move_tasks(SourceArn=dead_arn)["Results"][0])["Status"] != "COMPLETED":
            assert time.monotonic() < end, task
            time.sleep(0.1)
        same(task["ApproximateNumberOfMessagesMoved"], 1)
        (message,) = receive(sqs, url)
        same((message["Body"], receive(sqs, dead)), ("poison", []))

    @tally.step("a redrive policy that names no queue is refused, and so is the task of a queue that is none's dead-letter queue")
    def _():
        nobody = json.dumps({"deadLetterTargetArn": f"{dead_arn}-not", "maxReceiveCount": 1})
        same(refusal_of(sqs.set_queue_attributes, QueueUrl=url, Attributes={"RedrivePolicy": nobody}), "InvalidParameterValue")
        same(refusal_of(sqs.start_message_move_task, SourceArn=arn), "InvalidParameterValue")


def arn_of(sqs, url):
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def receive(sqs, url):
    return sqs.receive_message(QueueUrl=url, VisibilityTimeout=0, AttributeNames=["All"]).get("Messages", [])
