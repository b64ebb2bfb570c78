"""Wrong keys: taken on a server without credentials, refused by one that has them."""

from tally import refusal_of, same


def key_scenario(tally, client, mode):
    """`client`: makes a client of a service with the key and the secret that are given."""
    strangers = [
        ("a wrong secret", {}, {"sqs": "SignatureDoesNotMatch", "sns": "SignatureDoesNotMatch", "s3": "SignatureDoesNotMatch"}),
        ("an unknown key", {"aws_access_key_id": "AKSTRANGER"}, {"sqs": "InvalidClientTokenId", "sns": "InvalidClientTokenId", "s3": "InvalidAccessKeyId"}),
    ]
    for who, key, refusals in strangers:

        @tally.step(f"{who} in {mode} mode")
        def _(key=key, refusals=refusals):
            of = {**key, "aws_secret_access_key": "this-is-not-the-secret"}
            same(refusal_of(client("sqs", **of).list_queues), refusals["sqs"] if mode == "keys" else "none")
            same(refusal_of(client("sns", **of).list_topics), refusals["sns"] if mode == "keys" else "none")
            same(refusal_of(client("s3", **of).list_buckets), refusals["s3"] if mode == "keys" else "none")
