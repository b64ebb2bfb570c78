"""The scenario of queues. Each step builds on those before it."""

import hashlib
import os
import struct
import threading
import time

from tally import refusal_of, same

UNICODE = 'żółw 🐢 \t\n\r & <"quoted">'
LARGEST_BYTES = 1024 * 1024
ATTRIBUTES = {
    "text": {"DataType": "String", "StringValue": UNICODE},
    "trace.number": {"DataType": "Number.float", "StringValue": "-1.50"},
    "trace.bytes": {"DataType": "Binary", "BinaryValue": bytes(range(256))},
}


def attributes_md5(attributes):
    """Names in order, each part with its length before it; as the SQS developer guide writes it down."""
    digest = hashlib.md5()

    def part(data):
        digest.update(struct.pack(">I", len(data)) + data)

    for name in sorted(attributes):
        value = attributes[name]
        part(name.encode())
        part(value["DataType"].encode())
        binary = value.get("BinaryValue")
        digest.update(b"\1" if binary is None else b"\2")
        part(value["StringValue"].encode() if binary is None else binary)
    return digest.hexdigest()


def queue_scenario(tally, sqs):
    prefix = f"python-{os.getpid()}-"
    name = f"{prefix}orders"
    url = sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "30"}, tags={"team": "photos"})["QueueUrl"]
    queue_steps(tally, sqs, (url, name, prefix))
    message_steps(tally, sqs, url)
    visibility_steps(tally, sqs, url)
    batch_steps(tally, sqs, url)
    refusal_steps(tally, sqs, (url, name))


def queue_steps(tally, sqs, of):
    url, name, prefix = of

    @tally.step("a queue is found by its name, and created again as it is")
    def _():
        same(sqs.get_queue_url(QueueName=name)["QueueUrl"], url)
        same(sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "30"})["QueueUrl"], url)

    @tally.step("attributes are read and set")
    def _():
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"MessageRetentionPeriod": "3600"})
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        same(attributes["VisibilityTimeout"], "30")
        same(attributes["MessageRetentionPeriod"], "3600")
        assert attributes["QueueArn"].startswith("arn:aws:sqs:us-east-1:") and attributes["QueueArn"].endswith(f":{name}")

    @tally.step("tags are read, added and removed")
    def _():
        sqs.tag_queue(QueueUrl=url, Tags={"größe": "groß"})
        same(sqs.list_queue_tags(QueueUrl=url)["Tags"], {"team": "photos", "größe": "groß"})
        sqs.untag_queue(QueueUrl=url, TagKeys=["team"])
        same(sqs.list_queue_tags(QueueUrl=url)["Tags"], {"größe": "groß"})

    @tally.step("queues are listed by prefix, page by page")
    def _():
        urls = [sqs.create_queue(QueueName=f"{prefix}listed-{number}")["QueueUrl"] for number in range(5)]
        pages = sqs.get_paginator("list_queues").paginate(QueueNamePrefix=f"{prefix}listed-", PaginationConfig={"PageSize": 2})
        same(sorted(listed for page in pages for listed in page.get("QueueUrls", [])), sorted(urls))

    @tally.step("a deleted queue does not exist")
    def _():
        gone = sqs.create_queue(QueueName=f"{prefix}deleted")["QueueUrl"]
        sqs.delete_queue(QueueUrl=gone)
        same(refusal_of(sqs.send_message, QueueUrl=gone, MessageBody="late"), "AWS.SimpleQueueService.NonExistentQueue")


def message_steps(tally, sqs, url):
    @tally.step("a message arrives as it was sent, with attributes of all types and their digests")
    def _():
        sent = sqs.send_message(QueueUrl=url, MessageBody=UNICODE, MessageAttributes=ATTRIBUTES)
        same(sent["MD5OfMessageBody"], hashlib.md5(UNICODE.encode()).hexdigest())
        same(sent["MD5OfMessageAttributes"], attributes_md5(ATTRIBUTES))
        (message,) = receive(sqs, url, MessageAttributeNames=["All"], AttributeNames=["All"])
        same(message["MessageId"], sent["MessageId"])
        same(message["Body"], UNICODE)
        same(message["MD5OfMessageAttributes"], sent["MD5OfMessageAttributes"])
        same(message["MessageAttributes"], ATTRIBUTES)
        same(message["Attributes"]["ApproximateReceiveCount"], "1")
        delete(sqs, url, message)

    @tally.step("only the attributes that are asked for come")
    def _():
        sqs.send_message(QueueUrl=url, MessageBody="filtered", MessageAttributes=ATTRIBUTES)
        (message,) = receive(sqs, url, MessageAttributeNames=["trace.*"], AttributeNames=["SentTimestamp"])
        same(sorted(message["MessageAttributes"]), ["trace.bytes", "trace.number"])
        same(list(message["Attributes"]), ["SentTimestamp"])
        delete(sqs, url, message)

    @tally.step("the largest message arrives whole, however the client escapes it")
    def _():
        body = "ż" * (LARGEST_BYTES // 2)
        sqs.send_message(QueueUrl=url, MessageBody=body)
        (message,) = receive(sqs, url)
        assert message["Body"] == body
        delete(sqs, url, message)

    @tally.step("a message of a standard queue may have a group")
    def _():
        sqs.send_message(QueueUrl=url, MessageBody="grouped", MessageGroupId="tenant")
        (message,) = receive(sqs, url, AttributeNames=["MessageGroupId"])
        same(message["Attributes"], {"MessageGroupId": "tenant"})
        delete(sqs, url, message)

    @tally.step("a long poll is answered when a message comes, or empty at its end")
    def _():
        sender = threading.Timer(0.3, lambda: sqs.send_message(QueueUrl=url, MessageBody="awaited"))
        sender.start()
        began = time.monotonic()
        (message,) = receive(sqs, url, WaitTimeSeconds=10)
        assert time.monotonic() - began < 5
        same(message["Body"], "awaited")
        sender.join()
        delete(sqs, url, message)
        same(receive(sqs, url, WaitTimeSeconds=1), [])

    @tally.step("a delayed message comes after its delay")
    def _():
        sqs.send_message(QueueUrl=url, MessageBody="delayed", DelaySeconds=1)
        same(receive(sqs, url), [])
        (message,) = receive(sqs, url, WaitTimeSeconds=10)
        same(message["Body"], "delayed")
        delete(sqs, url, message)


def visibility_steps(tally, sqs, url):
    @tally.step("a message that is given back comes again, counted")
    def _():
        sqs.send_message(QueueUrl=url, MessageBody="again")
        (first,) = receive(sqs, url)
        same(receive(sqs, url), [])
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"], VisibilityTimeout=0)
        (second,) = receive(sqs, url, AttributeNames=["ApproximateReceiveCount"])
        same((second["MessageId"], second["Attributes"]["ApproximateReceiveCount"]), (first["MessageId"], "2"))
        delete(sqs, url, second)

    @tally.step("a message comes again when its visibility timeout is over")
    def _():
        sqs.send_message(QueueUrl=url, MessageBody="late")
        (first,) = receive(sqs, url, VisibilityTimeout=1)
        (second,) = receive(sqs, url, WaitTimeSeconds=10)
        same(second["MessageId"], first["MessageId"])
        delete(sqs, url, second)

    @tally.step("several are given back at once, and one that cannot be is named")
    def _():
        sqs.send_message(QueueUrl=url, MessageBody="one")
        (message,) = receive(sqs, url)
        entries = [
            {"Id": "good", "ReceiptHandle": message["ReceiptHandle"], "VisibilityTimeout": 0},
            {"Id": "bad", "ReceiptHandle": "made up", "VisibilityTimeout": 0},
        ]
        answer = sqs.change_message_visibility_batch(QueueUrl=url, Entries=entries)
        same([entry["Id"] for entry in answer["Successful"]], ["good"])
        same([(entry["Id"], entry["Code"], entry["SenderFault"]) for entry in answer["Failed"]], [("bad", "ReceiptHandleIsInvalid", True)])
        delete(sqs, url, receive(sqs, url)[0])


def batch_steps(tally, sqs, url):
    @tally.step("ten messages are sent, received and deleted at once")
    def _():
        entries = [{"Id": str(number), "MessageBody": f"{UNICODE} {number}", "MessageAttributes": ATTRIBUTES} for number in range(10)]
        answer = sqs.send_message_batch(QueueUrl=url, Entries=entries)
        same((len(answer["Successful"]), "Failed" in answer), (10, False))
        messages = receive(sqs, url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
        same(sorted(message["Body"] for message in messages), sorted(entry["MessageBody"] for entry in entries))
        handles = [{"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]} for number, message in enumerate(messages)]
        same(len(sqs.delete_message_batch(QueueUrl=url, Entries=handles)["Successful"]), 10)

    @tally.step("of a batch, what is wrong fails and the rest is sent")
    def _():
        entries = [
            {"Id": "good", "MessageBody": "good"},
            {"Id": "forbidden", "MessageBody": "no \0 in XML"},
            {"Id": "delayed", "MessageBody": "too long", "DelaySeconds": 901},
        ]
        answer = sqs.send_message_batch(QueueUrl=url, Entries=entries)
        same([entry["Id"] for entry in answer["Successful"]], ["good"])
        failed = {entry["Id"]: (entry["Code"], entry["SenderFault"]) for entry in answer["Failed"]}
        same(failed, {"forbidden": ("InvalidMessageContents", True), "delayed": ("InvalidParameterValue", True)})

    @tally.step("a purge empties the queue, and another must wait")
    def _():
        sqs.purge_queue(QueueUrl=url)
        same(receive(sqs, url), [])
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
        same(attributes, {"ApproximateNumberOfMessages": "0"})
        same(refusal_of(sqs.purge_queue, QueueUrl=url), "AWS.SimpleQueueService.PurgeQueueInProgress")


CODES = {
    "QueueDoesNotExist": "AWS.SimpleQueueService.NonExistentQueue",
    "QueueNameExists": "QueueAlreadyExists",
    "EmptyBatchRequest": "AWS.SimpleQueueService.EmptyBatchRequest",
    "BatchEntryIdsNotDistinct": "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
    "TooManyEntriesInBatchRequest": "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
}


def refusal_steps(tally, sqs, of):
    url, name = of

    def refused(shape, call, **arguments):
        @tally.step(f"refused with {shape}")
        def _():
            same(refusal_of(call, **arguments), CODES.get(shape, shape))

    def entry(identifier):
        return {"Id": identifier, "MessageBody": "body"}

    refused("QueueDoesNotExist", sqs.get_queue_url, QueueName="nobody-made-it")
    refused("QueueNameExists", sqs.create_queue, QueueName=name, Attributes={"VisibilityTimeout": "31"})
    refused("ReceiptHandleIsInvalid", sqs.delete_message, QueueUrl=url, ReceiptHandle="made up")
    refused("InvalidAttributeName", sqs.set_queue_attributes, QueueUrl=url, Attributes={"Colour": "red"})
    refused("InvalidAttributeValue", sqs.set_queue_attributes, QueueUrl=url, Attributes={"VisibilityTimeout": "-1"})
    refused("InvalidMessageContents", sqs.send_message, QueueUrl=url, MessageBody="\1")
    refused("InvalidParameterValue", sqs.receive_message, QueueUrl=url, MaxNumberOfMessages=11)
    refused("EmptyBatchRequest", sqs.send_message_batch, QueueUrl=url, Entries=[])
    refused("BatchEntryIdsNotDistinct", sqs.send_message_batch, QueueUrl=url, Entries=[entry("a"), entry("a")])
    refused("TooManyEntriesInBatchRequest", sqs.send_message_batch, QueueUrl=url, Entries=[entry(str(n)) for n in range(11)])

    @tally.step("an error has the class that programs catch")
    def _():
        try:
            sqs.get_queue_url(QueueName="nobody-made-it")
        except sqs.exceptions.QueueDoesNotExist:
            return
        raise AssertionError("not refused")


def receive(sqs, url, **options):
    return sqs.receive_message(QueueUrl=url, **options).get("Messages", [])


def delete(sqs, url, message):
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
