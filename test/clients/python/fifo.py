"""FIFO queues: order, groups, deduplication. Each step builds on those before it."""

import hashlib
import os

from tally import refusal_of, same


def fifo_scenario(tally, sqs):
    attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    url = sqs.create_queue(QueueName=f"python-{os.getpid()}-orders.fifo", Attributes=attributes)["QueueUrl"]
    order_steps(tally, sqs, url)
    deduplication_steps(tally, sqs, url)


def order_steps(tally, sqs, url):
    @tally.step("a FIFO queue delivers each group in its order, with sequence numbers that rise")
    def _():
        entries = [
            {"Id": body, "MessageBody": body, "MessageGroupId": body[0], "MessageDeduplicationId": f"order-{body}"}
            for body in ("a1", "b1", "a2", "b2", "a3", "b3")
        ]
        sent = {entry["Id"]: entry["SequenceNumber"] for entry in sqs.send_message_batch(QueueUrl=url, Entries=entries)["Successful"]}
        numbers = [sent[entry["Id"]] for entry in entries]
        same(numbers, sorted(set(numbers)))
        messages = receive(sqs, url)
        for group in "ab":
            same([message["Body"] for message in messages if message["Body"][0] == group], [f"{group}{number}" for number in (1, 2, 3)])
        for message in messages:
            told = {name: message["Attributes"][name] for name in ("MessageGroupId", "MessageDeduplicationId", "SequenceNumber")}
            body = message["Body"]
            same(told, {"MessageGroupId": body[0], "MessageDeduplicationId": f"order-{body}", "SequenceNumber": sent[body]})
        delete(sqs, url, messages)

    @tally.step("a group with a message in flight waits, other groups do not")
    def _():
        for body in ("a4", "a5", "b4"):
            sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId=body[0])
        first = receive(sqs, url, MaxNumberOfMessages=1)
        same(bodies(first), ["a4"])
        others = receive(sqs, url)
        same(bodies(others), ["b4"])
        delete(sqs, url, first)
        last = receive(sqs, url)
        same(bodies(last), ["a5"])
        delete(sqs, url, others + last)

    @tally.step("a message that is given back comes again before the rest of its group")
    def _():
        for body in ("a6", "a7"):
            sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId="a")
        messages = receive(sqs, url)
        for message in reversed(messages):
            sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
        again = receive(sqs, url)
        same((bodies(messages), bodies(again)), (["a6", "a7"], ["a6", "a7"]))
        delete(sqs, url, again)


def deduplication_steps(tally, sqs, url):
    @tally.step("a duplicate is answered as the first message was, and not delivered")
    def _():
        first = sqs.send_message(QueueUrl=url, MessageBody="same", MessageGroupId="a", MessageDeduplicationId="once")
        second = sqs.send_message(QueueUrl=url, MessageBody="same again", MessageGroupId="a", MessageDeduplicationId="once")
        for name in ("MessageId", "SequenceNumber"):
            same(second[name], first[name])
        messages = receive(sqs, url)
        same(bodies(messages), ["same"])
        delete(sqs, url, messages)
        sqs.send_message(QueueUrl=url, MessageBody="same", MessageGroupId="a", MessageDeduplicationId="once")
        same(receive(sqs, url), [])

    @tally.step("a body is its own deduplication id where the queue is told so")
    def _():
        first, second = (sqs.send_message(QueueUrl=url, MessageBody="content", MessageGroupId="a") for _ in range(2))
        same(second["MessageId"], first["MessageId"])
        (message,) = receive(sqs, url)
        same(message["Attributes"]["MessageDeduplicationId"], hashlib.sha256(b"content").hexdigest())
        delete(sqs, url, [message])

    @tally.step("a FIFO queue refuses a message without a group")
    def _():
        same(refusal_of(sqs.send_message, QueueUrl=url, MessageBody="body"), "MissingParameter")


def receive(sqs, url, **options):
    return sqs.receive_message(QueueUrl=url, **{"MaxNumberOfMessages": 10, "AttributeNames": ["All"], **options}).get("Messages", [])


def bodies(messages):
    return [message["Body"] for message in messages]


def delete(sqs, url, messages):
    for message in messages:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
