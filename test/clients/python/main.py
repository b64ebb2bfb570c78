"""The scenario through boto3, whichever version runs this: those before botocore 1.31.81 speak the Query protocol.

The server is at AWS_ENDPOINT_URL, the keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; MILLRACE_MODE says whether the
server checks them: `dev` or `keys`.
"""

import os
import sys

import boto3
from botocore.config import Config
from keys import key_scenario
from objects import object_scenario
from queues import queue_scenario
from tally import Tally

KEY = {"aws_access_key_id": os.environ["AWS_ACCESS_KEY_ID"], "aws_secret_access_key": os.environ["AWS_SECRET_ACCESS_KEY"]}


def client(service, **options):
    # An answer that was lost would be asked for again and hide that it was.
    config = options.pop("config", Config()).merge(Config(retries={"total_max_attempts": 1}))
    place = {"endpoint_url": os.environ["AWS_ENDPOINT_URL"], "region_name": "us-east-1"}
    return boto3.client(service, config=config, **{**place, **KEY, **options})


def main():
    sqs = client("sqs")
    print(f"boto3 {boto3.__version__}, queues over {sqs.meta.service_model.protocol}")
    tally = Tally()
    queue_scenario(tally, sqs)
    others = {"sqs": sqs, "version4": client("s3", config=Config(signature_version="s3v4"))}
    object_scenario(tally, client("s3"), others)
    key_scenario(tally, client, os.environ["MILLRACE_MODE"])
    return tally.conclude()


sys.exit(main())
