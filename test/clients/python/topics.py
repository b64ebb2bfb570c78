"""The scenario of topics. Each step builds on those before it; messages are taken from queues."""

import hashlib
import json
import os
import urllib.request

from queues import ATTRIBUTES, UNICODE, attributes_md5, delete, receive
from tally import refusal_of, same

RAW = {"RawMessageDelivery": "true"}


def topic_scenario(tally, sns, sqs):
    prefix = f"python-{os.getpid()}-"
    arn = sns.create_topic(Name=f"{prefix}news", Attributes={"DisplayName": "News"}, Tags=[{"Key": "team", "Value": "photos"}])["TopicArn"]
    of = (arn, Queues(sqs, prefix), prefix)
    topic_steps(tally, sns, of)
    message_steps(tally, sns, of)
    filter_steps(tally, sns, of)
    subscription_steps(tally, sns, of)
    fifo_steps(tally, sns, of)
    refusal_steps(tally, sns, of)


class Queues:
    """Makes queues and takes what comes to them."""

    def __init__(self, sqs, prefix):
        self.sqs = sqs
        self.prefix = prefix
        self.urls = {}

    def arn(self, name):
        attributes = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
        url = self.sqs.create_queue(QueueName=f"{self.prefix}{name}", Attributes=attributes)["QueueUrl"]
        self.urls[name] = url
        return self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def take(self, name):
        """All messages, in the order in which the queue gives them out."""
        taken = []
        url = self.urls[name]
        while messages := receive(self.sqs, url, MaxNumberOfMessages=10, AttributeNames=["All"], MessageAttributeNames=["All"]):
            taken += messages
            for message in messages:
                delete(self.sqs, url, message)
        return taken

    def bodies(self, name):
        return [message["Body"] for message in self.take(name)]


def topic_steps(tally, sns, of):
    arn, _, prefix = of

    @tally.step("a topic is made again as it is, and listed")
    def _():
        same(sns.create_topic(Name=f"{prefix}news")["TopicArn"], arn)
        pages = sns.get_paginator("list_topics").paginate()
        same([topic["TopicArn"] for page in pages for topic in page["Topics"]].count(arn), 1)

    @tally.step("attributes of a topic are read and set")
    def _():
        sns.set_topic_attributes(TopicArn=arn, AttributeName="DisplayName", AttributeValue="größer")
        attributes = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
        same((attributes["TopicArn"], attributes["DisplayName"], attributes["SubscriptionsConfirmed"]), (arn, "größer", "0"))
        same(json.loads(attributes["Policy"])["Statement"][0]["Sid"], "__default_statement_ID")

    @tally.step("tags of a topic are read, added and removed")
    def _():
        sns.tag_resource(ResourceArn=arn, Tags=[{"Key": "größe", "Value": "groß"}])
        tags = sns.list_tags_for_resource(ResourceArn=arn)["Tags"]
        same({tag["Key"]: tag["Value"] for tag in tags}, {"team": "photos", "größe": "groß"})
        sns.untag_resource(ResourceArn=arn, TagKeys=["team"])
        same(sns.list_tags_for_resource(ResourceArn=arn)["Tags"], [{"Key": "größe", "Value": "groß"}])

    @tally.step("permissions are added to a topic's policy and removed")
    def _():
        def statements():
            policy = json.loads(sns.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"])
            return {statement["Sid"]: statement["Action"] for statement in policy["Statement"][1:]}

        sns.add_permission(TopicArn=arn, Label="partner", AWSAccountId=["111122223333"], ActionName=["Publish"])
        same(statements(), {"partner": "SNS:Publish"})
        sns.remove_permission(TopicArn=arn, Label="partner")
        same(statements(), {})


def message_steps(tally, sns, of):
    arn, queues, _ = of
    for name, attributes in (("enveloped", {}), ("raw", RAW)):
        sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queues.arn(name), Attributes=attributes)

    @tally.step("a message comes in its envelope, signed by a certificate that can be fetched, and raw as it was published")
    def _():
        sent = sns.publish(TopicArn=arn, Subject="Größe", Message=UNICODE, MessageAttributes=ATTRIBUTES)
        (message,) = queues.take("enveloped")
        envelope = json.loads(message["Body"])
        same((envelope["Type"], envelope["MessageId"], envelope["TopicArn"]), ("Notification", sent["MessageId"], arn))
        same((envelope["Subject"], envelope["Message"]), ("Größe", UNICODE))
        same(envelope["MessageAttributes"]["trace.number"], {"Type": "Number.float", "Value": "-1.50"})
        same("MessageAttributes" in message, False)
        with urllib.request.urlopen(envelope["SigningCertURL"]) as answer:
            assert answer.read().startswith(b"-----BEGIN CERTIFICATE-----")
        (message,) = queues.take("raw")
        same((message["Body"], message["MessageAttributes"]), (UNICODE, ATTRIBUTES))
        same(message["MD5OfMessageAttributes"], attributes_md5(ATTRIBUTES))

    @tally.step("a batch is published in its order")
    def _():
        entries = [{"Id": f"e{number}", "Message": f"m{number}"} for number in range(10)]
        answer = sns.publish_batch(TopicArn=arn, PublishBatchRequestEntries=entries)
        same(([entry["Id"] for entry in answer["Successful"]], answer["Failed"]), ([entry["Id"] for entry in entries], []))
        same(queues.bodies("raw"), [entry["Message"] for entry in entries])
        same([json.loads(body)["Message"] for body in queues.bodies("enveloped")], [entry["Message"] for entry in entries])

    @tally.step("each protocol gets its own text, by TargetArn too")
    def _():
        sns.publish(TargetArn=arn, MessageStructure="json", Message=json.dumps({"default": "others", "sqs": "queues"}))
        same(queues.bodies("raw"), ["queues"])
        queues.take("enveloped")


def filter_steps(tally, sns, of):
    arn, queues, _ = of

    @tally.step("a subscription gets what its filter policy matches, by attributes or by the body")
    def _():
        by_attributes = {**RAW, "FilterPolicy": json.dumps({"price": [{"numeric": [">=", 10]}], "kind": [{"prefix": "a"}]})}
        by_body = {**RAW, "FilterPolicyScope": "MessageBody", "FilterPolicy": json.dumps({"of": {"kind": [{"anything-but": "b"}]}})}
        arns = [
            sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queues.arn(name), Attributes=attributes)["SubscriptionArn"]
            for name, attributes in (("by-attributes", by_attributes), ("by-body", by_body))
        ]
        for price, kind in (("10.0", "ab"), ("9.9", "ab"), ("11", "b")):
            attributes = {"price": {"DataType": "Number", "StringValue": price}, "kind": {"DataType": "String", "StringValue": kind}}
            sns.publish(TopicArn=arn, Message=json.dumps({"of": {"kind": kind}, "price": price}), MessageAttributes=attributes)
        same([json.loads(body)["price"] for body in queues.bodies("by-attributes")], ["10.0"])
        same([json.loads(body)["price"] for body in queues.bodies("by-body")], ["10.0", "9.9"])
        for subscription in arns:
            sns.unsubscribe(SubscriptionArn=subscription)
        queues.take("raw")
        queues.take("enveloped")


def subscription_steps(tally, sns, of):
    arn, queues, _ = of

    @tally.step("a subscription is found again, shown and listed, and its attributes are set")
    def _():
        endpoint = queues.arn("enveloped")
        subscription = sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=endpoint)["SubscriptionArn"]
        pages = sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=arn)
        listed = {one["Endpoint"]: one["SubscriptionArn"] for page in pages for one in page["Subscriptions"]}
        same((len(listed), listed[endpoint]), (2, subscription))
        sns.set_subscription_attributes(SubscriptionArn=subscription, AttributeName="RawMessageDelivery", AttributeValue="true")
        attributes = sns.get_subscription_attributes(SubscriptionArn=subscription)["Attributes"]
        same((attributes["RawMessageDelivery"], attributes["PendingConfirmation"], attributes["Protocol"]), ("true", "false", "sqs"))

    @tally.step("what a queue does not take goes to the subscription's dead-letter queue")
    def _():
        redrive = json.dumps({"deadLetterTargetArn": queues.arn("dead")})
        gone = queues.arn("gone")
        subscription = sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=gone, Attributes={**RAW, "RedrivePolicy": redrive})
        queues.sqs.delete_queue(QueueUrl=queues.urls["gone"])
        sns.publish(TopicArn=arn, Message="nobody is there")
        same(queues.bodies("dead"), ["nobody is there"])
        sns.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])
        queues.take("raw")
        queues.take("enveloped")

    @tally.step("an unsubscribed queue gets nothing more, and a deleted topic does not exist")
    def _():
        for one in sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]:
            sns.unsubscribe(SubscriptionArn=one["SubscriptionArn"])
            sns.unsubscribe(SubscriptionArn=one["SubscriptionArn"])
        sns.publish(TopicArn=arn, Message="nobody hears")
        same((queues.bodies("raw"), queues.bodies("enveloped")), ([], []))
        sns.delete_topic(TopicArn=arn)
        same(refusal_of(sns.publish, TopicArn=arn, Message="late"), "NotFound")


def fifo_steps(tally, sns, of):
    _, queues, prefix = of
    attributes = {"FifoTopic": "true", "ContentBasedDeduplication": "true"}
    arn = sns.create_topic(Name=f"{prefix}news.fifo", Attributes=attributes)["TopicArn"]
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queues.arn("orders.fifo"), Attributes=RAW)

    @tally.step("a FIFO topic hands each group on in its order, and knows duplicates again")
    def _():
        entries = [{"Id": body, "Message": body, "MessageGroupId": body[0]} for body in ("a1", "b1", "a2", "b2")]
        sent = sns.publish_batch(TopicArn=arn, PublishBatchRequestEntries=entries)["Successful"]
        again = sns.publish(TopicArn=arn, Message="a1", MessageGroupId="a")
        same((again["MessageId"], again["SequenceNumber"]), (sent[0]["MessageId"], sent[0]["SequenceNumber"]))
        messages = queues.take("orders.fifo")
        for group in "ab":
            of_group = [message["Body"] for message in messages if message["Attributes"]["MessageGroupId"] == group]
            same(of_group, [f"{group}1", f"{group}2"])
        digests = {message["Attributes"]["MessageDeduplicationId"] for message in messages}
        same(digests, {hashlib.sha256(entry["Message"].encode()).hexdigest() for entry in entries})


def refusal_steps(tally, sns, of):
    arn, _, _ = of
    fifo = f"{arn}.fifo"

    def entry(identifier):
        return {"Id": identifier, "Message": "message", "MessageGroupId": "g"}

    @tally.step("what is wrong with a topic, a subscription or a message is refused with its code")
    def _():
        eleven = [entry(str(number)) for number in range(11)]
        for code, call, arguments in (
            ("NotFound", sns.get_topic_attributes, {"TopicArn": arn}),
            ("ResourceNotFound", sns.list_tags_for_resource, {"ResourceArn": arn}),
            ("InvalidParameter", sns.create_topic, {"Name": "no.name"}),
            ("InvalidParameter", sns.subscribe, {"TopicArn": fifo, "Protocol": "sqs", "Endpoint": "no-arn"}),
            ("InvalidParameter", sns.publish, {"TopicArn": fifo, "Message": "no group"}),
            ("BatchEntryIdsNotDistinct", sns.publish_batch, {"TopicArn": fifo, "PublishBatchRequestEntries": [entry("a"), entry("a")]}),
            ("TooManyEntriesInBatchRequest", sns.publish_batch, {"TopicArn": fifo, "PublishBatchRequestEntries": eleven}),
        ):
            same(refusal_of(call, **arguments), code)

    @tally.step("an error of SNS has the class that programs catch")
    def _():
        try:
            sns.get_topic_attributes(TopicArn=arn)
        except sns.exceptions.NotFoundException:
            return
        raise AssertionError("not refused")
