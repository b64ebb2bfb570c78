"""The tasks, as the worker loads them: `celery -A tasks worker`. The place is in the environment that main.py gives it."""

import os
import time
from urllib.parse import quote, urlsplit

from celery import Celery

server = urlsplit(os.environ["AWS_ENDPOINT_URL"])
key, secret = (quote(os.environ[name], safe="") for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"))
folder = os.environ["CELERY_FOLDER"]

app = Celery("tasks", broker=f"sqs://{key}:{secret}@{server.hostname}:{server.port}//", backend=f"file://{folder}/results")
app.conf.update(
    broker_transport_options={
        "region": "us-east-1",
        "is_secure": False,
        "queue_name_prefix": os.environ["CELERY_PREFIX"],
        "visibility_timeout": int(os.environ["CELERY_VISIBILITY_SECONDS"]),
        "wait_time_seconds": 1,
        "polling_interval": 0,
    },
    # Results are awaited by looking for their files.
    result_backend_transport_options={"polling_interval": 0.05},
    task_acks_late=True,
    worker_prefetch_multiplier=1,
    # SQS has no fanout without SNS, which remote control and events are made of.
    worker_enable_remote_control=False,
    worker_send_task_events=False,
)


def told(name, text):
    """A line of the file of that name, by which main.py sees what ran and when."""
    with open(os.path.join(folder, name), "a", encoding="utf-8") as file:
        file.write(f"{text}\n")


@app.task
def add(left, right):
    return left + right


@app.task
def length(text):
    return len(text)


@app.task(bind=True, max_retries=5)
def third_time(self):
    told("third-time", self.request.retries)
    if self.request.retries < 2:
        raise self.retry(countdown=1)
    return self.request.retries


@app.task
def moment():
    return time.time()


@app.task
def refused():
    raise ValueError("on purpose")


@app.task
def long_job(name):
    """Never ends while the file `hold` is there."""
    told(name, os.getpid())
    while os.path.exists(os.path.join(folder, "hold")):
        time.sleep(0.1)
    return name
