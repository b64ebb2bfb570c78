"""The Amazon SQS extended client: bodies too large for a message go through a bucket, the message says where they are."""

import json
import os
import sys
from importlib.metadata import version

import boto3
import botocore.session
from client import KEY, client, protocol_of
from sqs_extended_client import SQSExtendedClientSession
from tally import Tally, refusal_of, same

# Above what the extended client puts into a message, and above what SQS takes in one.
LARGE = "<ż>" * (384 * 1024)


def main():
    # Importing the extended client changes what boto3 makes; botocore itself it leaves alone.
    plain = botocore.session.get_session().create_client("sqs", region_name="us-east-1", endpoint_url=os.environ["AWS_ENDPOINT_URL"], **KEY)
    s3 = client("s3")
    name = f"extended-{os.getpid()}"
    s3.create_bucket(Bucket=name)
    url = plain.create_queue(QueueName=name)["QueueUrl"]
    session = SQSExtendedClientSession(region_name="us-east-1", **KEY)
    extended = session.client("sqs", endpoint_url=os.environ["AWS_ENDPOINT_URL"])
    extended.s3_client = s3
    extended.large_payload_support = name
    extended.delete_payload_from_s3 = True
    tally = Tally("amazon-sqs-extended-client (Python)", f"{version('amazon-sqs-extended-client')} with boto3 {boto3.__version__}", protocol_of(plain))
    large_steps(tally, extended, {"url": url, "bucket": name, "plain": plain, "s3": s3})
    return tally.conclude()


def large_steps(tally, extended, of):
    url, bucket, plain, s3 = of["url"], of["bucket"], of["plain"], of["s3"]

    def keys():
        return [item["Key"] for item in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]

    def receive(**options):
        return extended.receive_message(QueueUrl=url, **options).get("Messages", [])

    @tally.step("a large body arrives whole, and goes with its message")
    def _():
        extended.send_message(QueueUrl=url, MessageBody=LARGE)
        (message,) = receive()
        same((message["Body"] == LARGE, len(keys())), (True, 1))
        extended.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        same((keys(), counts(plain, url)), ([], ("0", "0")))

    @tally.step("the message itself says where the body is")
    def _():
        extended.send_message(QueueUrl=url, MessageBody=LARGE)
        (message,) = plain.receive_message(QueueUrl=url, VisibilityTimeout=0, MessageAttributeNames=["All"])["Messages"]
        same(json.loads(message["Body"])[1], {"s3BucketName": bucket, "s3Key": keys()[0]})
        same(message["MessageAttributes"], {"ExtendedPayloadSize": {"DataType": "Number", "StringValue": str(len(LARGE.encode()))}})
        (message,) = receive()
        extended.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    @tally.step("a large message is given back and extended by its handle")
    def _():
        extended.send_message(QueueUrl=url, MessageBody=LARGE)
        (message,) = receive()
        of_message = {"QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"]}
        extended.change_message_visibility(**of_message, VisibilityTimeout=600)
        same(receive(), [])
        extended.change_message_visibility(**of_message, VisibilityTimeout=0)
        (message,) = receive()
        same(message["Body"] == LARGE, True)
        extended.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    # Every handle has other characters in it: one that the client cuts wrongly shows only among many.
    @tally.step("a batch of large and small messages is sent, received and deleted")
    def _():
        for _ in range(5):
            entries = [{"Id": str(number), "MessageBody": (LARGE if number % 3 == 0 else "small") + str(number)} for number in range(10)]
            expected = [entry["MessageBody"] for entry in entries]
            same(len(extended.send_message_batch(QueueUrl=url, Entries=entries)["Successful"]), 10)
            messages = receive(MaxNumberOfMessages=10)
            same(sorted(message["Body"] for message in messages) == sorted(expected), True)
            handles = [{"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]} for number, message in enumerate(messages)]
            same(len(extended.delete_message_batch(QueueUrl=url, Entries=handles)["Successful"]), 10)
        same((keys(), counts(plain, url)), ([], ("0", "0")))

    @tally.step("a body as large is refused without the extended client")
    def _():
        same(refusal_of(plain.send_message, QueueUrl=url, MessageBody=LARGE), "InvalidParameterValue")


def counts(sqs, url):
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return tuple(attributes[name] for name in names)


sys.exit(main())
