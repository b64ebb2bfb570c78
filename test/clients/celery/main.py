"""Celery on its SQS transport: a real worker process runs tasks that main.py sends.

The server is at AWS_ENDPOINT_URL, the keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "python"))

FOLDER = Path(tempfile.mkdtemp())
PREFIX = f"celery-{os.getpid()}-"
VISIBILITY_SECONDS = 5
WAIT_SECONDS = 60
os.environ.update(CELERY_FOLDER=str(FOLDER), CELERY_PREFIX=PREFIX, CELERY_VISIBILITY_SECONDS=str(VISIBILITY_SECONDS))
(FOLDER / "results").mkdir()

import celery  # noqa: E402
import kombu  # noqa: E402
import tasks  # noqa: E402
from client import client, protocol_of  # noqa: E402
from tally import Tally, same  # noqa: E402


def start_worker():
    log = open(FOLDER / "worker.log", "a", encoding="utf-8")
    command = [sys.executable, "-m", "celery", "-A", "tasks", "worker", "--concurrency", "2", "--loglevel", "info", "--without-gossip", "--without-mingle", "--queues", "celery,ordered.fifo"]
    return subprocess.Popen(command, cwd=HERE, stdout=log, stderr=log, start_new_session=True)


def stop(worker):
    """The warm shutdown of Celery: what runs is finished, what was only fetched is given back."""
    worker.terminate()
    worker.wait(timeout=WAIT_SECONDS)


def kill(worker):
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()


def result(task):
    return task.get(timeout=WAIT_SECONDS, interval=0.05)


def lines(name):
    path = FOLDER / name
    return path.read_text(encoding="utf-8").split() if path.exists() else []


def until(condition):
    end = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.05)


def counts(sqs, queue="celery"):
    """How many messages a queue of tasks has: visible, in flight, delayed."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"]
    url = sqs.get_queue_url(QueueName=f"{PREFIX}{queue}")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return [int(attributes[name]) for name in names]


def task_steps(tally, sqs):
    @tally.step("tasks run, their results come back, and nothing is left in the queue")
    def _():
        sent = [tasks.add.delay(number, number) for number in range(20)]
        same([result(task) for task in sent], [2 * number for number in range(20)])
        until(lambda: counts(sqs) == [0, 0, 0])

    @tally.step("a task has large arguments in any script")
    def _():
        same(result(tasks.length.delay("żółw 🐢 <&>" * 5000)), 10 * 5000)

    @tally.step("a task that fails is tried again after a while, and counted")
    def _():
        began = time.time()
        same(result(tasks.third_time.delay()), 2)
        same(lines("third-time"), ["0", "1", "2"])
        assert time.time() - began >= 2

    @tally.step("a task with an ETA runs then and not before")
    def _():
        due = time.time() + 2
        at = result(tasks.moment.apply_async(countdown=2))
        # Celery keeps the ETA to the millisecond.
        assert due - 0.1 <= at, f"{due - at} s too early"

    @tally.step("a task that raises is done with: its error comes back and it is not run again")
    def _():
        task = tasks.refused.delay()
        same(repr(task.get(timeout=WAIT_SECONDS, interval=0.05, propagate=False)), "ValueError('on purpose')")
        until(lambda: counts(sqs) == [0, 0, 0])

    @tally.step("tasks in a chain hand their results on, and a group runs side by side")
    def _():
        same(result(celery.chain(tasks.add.s(1, 2), tasks.add.s(3), tasks.add.s(4)).apply_async()), 10)
        same([result(task) for task in celery.group(tasks.add.s(number, 1) for number in range(5)).apply_async().results], [1, 2, 3, 4, 5])


def fifo_steps(tally, sqs):
    @tally.step("tasks of a FIFO queue run, each once, in groups of their own")
    def _():
        sent = [tasks.add.apply_async((number, number), queue="ordered.fifo", MessageGroupId=f"group-{number % 3}") for number in range(12)]
        same([result(task) for task in sent], [2 * number for number in range(12)])
        until(lambda: counts(sqs, "ordered.fifo") == [0, 0, 0])


def death_steps(tally, sqs, workers):
    @tally.step("a task whose worker is killed runs again, by another worker, when its visibility timeout is over")
    def _():
        (FOLDER / "hold").touch()
        task = tasks.long_job.delay("killed")
        until(lambda: len(lines("killed")) == 1)
        kill(workers.pop())
        (FOLDER / "hold").unlink()
        workers.append(start_worker())
        same(result(task), "killed")
        same(len(lines("killed")), 2)
        until(lambda: counts(sqs) == [0, 0, 0])

    @tally.step("a worker that is told to stop finishes what it runs")
    def _():
        (FOLDER / "hold").touch()
        task = tasks.long_job.delay("stopped")
        until(lambda: len(lines("stopped")) == 1)
        workers[0].terminate()
        (FOLDER / "hold").unlink()
        workers.pop().wait(timeout=WAIT_SECONDS)
        same((result(task), len(lines("stopped")), counts(sqs)), ("stopped", 1, [0, 0, 0]))


def main():
    sqs = client("sqs")
    tally = Tally("Celery", f"{celery.__version__} with kombu {kombu.__version__}", protocol_of(sqs))
    workers = [start_worker()]
    try:
        task_steps(tally, sqs)
        fifo_steps(tally, sqs)
        death_steps(tally, sqs, workers)
    finally:
        for worker in workers:
            kill(worker)
    if tally.failed:
        print((FOLDER / "worker.log").read_text(encoding="utf-8")[-4000:])
    shutil.rmtree(FOLDER)
    return tally.conclude()


sys.exit(main())
