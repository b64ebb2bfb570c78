"""Runs steps, says which of them failed and why, and counts."""

import traceback

from botocore.exceptions import ClientError


class Tally:
    def __init__(self):
        self.passed = 0
        self.failed = 0

    def step(self, name):
        """The decorated function runs at once."""

        def run(function):
            try:
                function()
                self.passed += 1
            except Exception:
                self.failed += 1
                print(f"  failed: {name}\n{traceback.format_exc()}")

        return run

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
