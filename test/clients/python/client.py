"""Clients of the server under test."""

import os

import boto3
from botocore.config import Config

KEY = {"aws_access_key_id": os.environ["AWS_ACCESS_KEY_ID"], "aws_secret_access_key": os.environ["AWS_SECRET_ACCESS_KEY"]}


def client(service, **options):
    # An answer that was lost would be asked for again and hide that it was.
    config = options.pop("config", Config()).merge(Config(retries={"total_max_attempts": 1}))
    place = {"endpoint_url": os.environ["AWS_ENDPOINT_URL"], "region_name": "us-east-1"}
    return boto3.client(service, config=config, **{**place, **KEY, **options})


def protocol_of(sqs):
    """By the content type of what the server answers: `json` or `query`."""
    headers = sqs.list_queues()["ResponseMetadata"]["HTTPHeaders"]
    return "query" if headers["content-type"].startswith("text/xml") else "json"
