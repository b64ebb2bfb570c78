"""Who else may use a queue."""

import json
import os

from tally import same


def permission_scenario(tally, sqs):
    url = sqs.create_queue(QueueName=f"python-{os.getpid()}-shared")["QueueUrl"]

    def policy():
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"]).get("Attributes", {})
        return json.loads(attributes["Policy"]) if "Policy" in attributes else None

    @tally.step("permissions are added to a queue's policy and removed")
    def _():
        sqs.add_permission(QueueUrl=url, Label="sender", AWSAccountIds=["111122223333"], Actions=["SendMessage"])
        (statement,) = policy()["Statement"]
        same((statement["Sid"], statement["Effect"], statement["Action"]), ("sender", "Allow", "SQS:SendMessage"))
        sqs.remove_permission(QueueUrl=url, Label="sender")
        same(policy(), None)

    @tally.step("a policy is set, read as it was set, and removed")
    def _():
        statement = {"Sid": "all", "Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
        text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": text})
        same(policy(), json.loads(text))
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
        same(policy(), None)
