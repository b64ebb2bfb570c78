"""Runs steps, says which of them failed and why, counts, and appends each outcome to the file that MILLRACE_RESULTS names."""

import json
import os
import traceback

from botocore.exceptions import ClientError


class Tally:
    def __init__(self, client, version, protocol):
        self.told = {"client": client, "version": version, "protocol": protocol, "mode": os.environ["MILLRACE_MODE"]}
        self.passed = 0
        self.failed = 0
        print(f"{client} {version}, over {protocol}")

    def speaking(self, protocol):
        """From here on the steps are told of as this protocol's."""
        self.told["protocol"] = protocol

    def step(self, name):
        """The decorated function runs at once."""

        def run(function):
            passed = False
            try:
                function()
                passed = True
                self.passed += 1
            except Exception:
                self.failed += 1
                print(f"  failed: {name}\n{traceback.format_exc()}")
            self.record(name, passed)

        return run

    def record(self, name, passed):
        path = os.environ.get("MILLRACE_RESULTS")
        if path:
            with open(path, "a", encoding="utf-8") as file:
                file.write(json.dumps({**self.told, "behaviour": name, "passed": passed}, ensure_ascii=False) + "\n")

    def conclude(self):
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed or not self.passed else 0


def refusal_of(call, **arguments):
    """The code that a call is refused with, or `none`."""
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "none"


def same(actual, expected):
    assert actual == expected, f"{actual!r} is not {expected!r}"
