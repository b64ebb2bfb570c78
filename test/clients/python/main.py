"""The scenario through boto3, whichever version runs this: those before botocore 1.31.81 speak the Query protocol.

The server is at AWS_ENDPOINT_URL, the keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; MILLRACE_MODE says whether the
server checks them: `dev` or `keys`.
"""

import os
import sys

import boto3
from botocore.config import Config
from client import client, protocol_of
from dead_letters import dead_letter_scenario
from fifo import fifo_scenario
from keys import key_scenario
from objects import object_scenario
from permissions import permission_scenario
from queues import queue_scenario
from tally import Tally
from topics import topic_scenario


def main():
    sqs = client("sqs")
    tally = Tally("boto3", boto3.__version__, protocol_of(sqs))
    queue_scenario(tally, sqs)
    fifo_scenario(tally, sqs)
    dead_letter_scenario(tally, sqs)
    permission_scenario(tally, sqs)
    tally.speaking("query")
    topic_scenario(tally, client("sns"), sqs)
    tally.speaking("rest-xml")
    others = {"sqs": sqs, "version4": client("s3", config=Config(signature_version="s3v4"))}
    object_scenario(tally, client("s3"), others)
    tally.speaking(protocol_of(sqs))
    key_scenario(tally, client, os.environ["MILLRACE_MODE"])
    return tally.conclude()


sys.exit(main())
