"""The scenario of objects. Each step builds on those before it."""

import filecmp
import hashlib
import io
import json
import os
import tempfile
import urllib.error
import urllib.request
import uuid

from boto3.s3.transfer import TransferConfig
from tally import refusal_of, same

# Spaces, a plus, percent signs, empty and dotted segments, letters beyond ASCII and beyond 16 bits.
KEYS = ["plain.txt", "a b+c%20d&e=f?g#h", "//leading/../dots/./", "größe/żółw/🐢.jpg", "quote'\"<&>"]
MEBIBYTE = 1024 * 1024
UPLOAD_BYTES = 20 * MEBIBYTE


def object_scenario(tally, s3, others):
    """`others`: an SQS client, and an S3 client that presigns by signature version 4."""
    bucket = f"python-{os.getpid()}"
    bucket_steps(tally, s3, bucket)
    object_steps(tally, s3, bucket)
    condition_steps(tally, s3, bucket)
    list_steps(tally, s3, bucket)
    transfer_steps(tally, s3, bucket)
    for version, signer in (("the default", s3), ("version 4", others["version4"])):
        presigned_steps(tally, s3, {"bucket": bucket, "signer": signer, "version": version})
    event_steps(tally, s3, {"bucket": bucket, "sqs": others["sqs"]})
    end_steps(tally, s3, bucket)


def bucket_steps(tally, s3, bucket):
    @tally.step("a bucket is created, found, listed and located")
    def _():
        s3.create_bucket(Bucket=bucket)
        s3.create_bucket(Bucket=bucket)
        s3.head_bucket(Bucket=bucket)
        assert bucket in [listed["Name"] for listed in s3.list_buckets()["Buckets"]]
        same(s3.get_bucket_location(Bucket=bucket)["LocationConstraint"], None)


def object_steps(tally, s3, bucket):
    for key in KEYS:

        @tally.step(f"an object named {key!r} is put, read, copied and deleted")
        def _(key=key):
            body = f"body of {key}".encode()
            same(s3.put_object(Bucket=bucket, Key=key, Body=body)["ETag"], f'"{hashlib.md5(body).hexdigest()}"')
            same(text_of(s3, Bucket=bucket, Key=key), body)
            s3.copy_object(Bucket=bucket, Key=f"copy of {key}", CopySource={"Bucket": bucket, "Key": key})
            same(text_of(s3, Bucket=bucket, Key=f"copy of {key}"), body)
            for gone in (key, f"copy of {key}"):
                s3.delete_object(Bucket=bucket, Key=gone)
            same(refusal_of(s3.get_object, Bucket=bucket, Key=key), "NoSuchKey")
            same(refusal_of(s3.head_object, Bucket=bucket, Key=key), "404")

    @tally.step("what is stored with an object comes back, and can be replaced by a copy")
    def _():
        stored = {"ContentType": "image/jpeg", "CacheControl": "max-age=60", "ContentDisposition": 'inline; filename="a.jpg"'}
        s3.put_object(Bucket=bucket, Key="photo", Body=b"bytes", Metadata={"camera": "Pentax K1000"}, **stored)
        head = s3.head_object(Bucket=bucket, Key="photo")
        same({name: head[name] for name in stored}, stored)
        same(head["Metadata"], {"camera": "Pentax K1000"})
        source = {"Bucket": bucket, "Key": "photo"}
        replaced = {"ContentType": "text/plain", "Metadata": {"camera": "none"}, "MetadataDirective": "REPLACE"}
        s3.copy_object(Bucket=bucket, Key="photo", CopySource=source, **replaced)
        after = s3.head_object(Bucket=bucket, Key="photo")
        same((after["ContentType"], after["Metadata"], "CacheControl" in after), ("text/plain", {"camera": "none"}, False))

    @tally.step("a checksum is kept and told")
    def _():
        sent = s3.put_object(Bucket=bucket, Key="sum", Body=b"bytes", ChecksumAlgorithm="SHA256")
        got = s3.get_object(Bucket=bucket, Key="sum", ChecksumMode="ENABLED")
        same((got["Body"].read(), got["ChecksumSHA256"]), (b"bytes", sent["ChecksumSHA256"]))
        same(refusal_of(s3.put_object, Bucket=bucket, Key="sum", Body=b"other", ChecksumSHA256=sent["ChecksumSHA256"]), "BadDigest")
        same(text_of(s3, Bucket=bucket, Key="sum"), b"bytes")

    @tally.step("an object's tags are kept")
    def _():
        s3.put_object(Bucket=bucket, Key="tagged", Body=b"bytes", Tagging="team=photos&kind=a%20b")
        tags = s3.get_object_tagging(Bucket=bucket, Key="tagged")["TagSet"]
        same(sorted((tag["Key"], tag["Value"]) for tag in tags), [("kind", "a b"), ("team", "photos")])


def condition_steps(tally, s3, bucket):
    key, letters = "alphabet", b"abcdefghijklmnopqrstuvwxyz"
    etag = s3.put_object(Bucket=bucket, Key=key, Body=letters)["ETag"]

    @tally.step("parts of an object are read")
    def _():
        same(text_of(s3, Bucket=bucket, Key=key, Range="bytes=2-4"), b"cde")
        same(text_of(s3, Bucket=bucket, Key=key, Range="bytes=-3"), b"xyz")
        same(s3.get_object(Bucket=bucket, Key=key, Range="bytes=20-")["ContentRange"], "bytes 20-25/26")
        same(refusal_of(s3.get_object, Bucket=bucket, Key=key, Range="bytes=26-"), "InvalidRange")

    @tally.step("reads depend on the ETag if they are asked to")
    def _():
        same(text_of(s3, Bucket=bucket, Key=key, IfMatch=etag), letters)
        same(refusal_of(s3.get_object, Bucket=bucket, Key=key, IfNoneMatch=etag), "304")
        same(refusal_of(s3.get_object, Bucket=bucket, Key=key, IfMatch='"other"'), "PreconditionFailed")


def list_steps(tally, s3, bucket):
    keys = [f"list/{number % 5} ä+/{number}.txt" for number in range(25)]
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())

    @tally.step("listings of both versions come page by page, in the order of bytes")
    def _():
        for operation in ("list_objects_v2", "list_objects"):
            pages = s3.get_paginator(operation).paginate(Bucket=bucket, Prefix="list/", PaginationConfig={"PageSize": 7})
            listed = [item["Key"] for page in pages for item in page.get("Contents", [])]
            same(listed, sorted(keys, key=str.encode))

    @tally.step("what stands between prefix and delimiter is shown once")
    def _():
        for operation in ("list_objects_v2", "list_objects"):
            pages = s3.get_paginator(operation).paginate(Bucket=bucket, Prefix="list/", Delimiter="/", PaginationConfig={"PageSize": 2})
            folders = [folder["Prefix"] for page in pages for folder in page.get("CommonPrefixes", [])]
            same(folders, [f"list/{number} ä+/" for number in range(5)])

    @tally.step("many are deleted at once")
    def _():
        answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in [*keys, "never there"]]})
        same((len(answer["Deleted"]), "Errors" in answer), (26, False))
        same(s3.list_objects_v2(Bucket=bucket, Prefix="list/")["KeyCount"], 0)


def transfer_steps(tally, s3, bucket):
    config = TransferConfig(multipart_threshold=5 * MEBIBYTE, multipart_chunksize=5 * MEBIBYTE)

    @tally.step("a file of 20 MB goes up in parts and comes down whole, by the transfer manager")
    def _():
        with tempfile.TemporaryDirectory() as folder:
            source, target = os.path.join(folder, "up"), os.path.join(folder, "down")
            with open(source, "wb") as file:
                file.write(os.urandom(UPLOAD_BYTES))
            s3.upload_file(source, bucket, "large", Config=config, ExtraArgs={"Metadata": {"kind": "large"}})
            head = s3.head_object(Bucket=bucket, Key="large")
            assert head["ETag"].endswith('-4"'), head["ETag"]
            same((head["ContentLength"], head["Metadata"]), (UPLOAD_BYTES, {"kind": "large"}))
            s3.download_file(bucket, "large", target, Config=config)
            assert filecmp.cmp(source, target, shallow=False)
            s3.copy({"Bucket": bucket, "Key": "large"}, bucket, "large copy", Config=config)
            s3.download_file(bucket, "large copy", target, Config=config)
            assert filecmp.cmp(source, target, shallow=False)

    @tally.step("a stream of unknown length goes up")
    def _():
        data = os.urandom(6 * MEBIBYTE + 1)
        s3.upload_fileobj(io.BytesIO(data), bucket, "stream", Config=config)
        same(hashlib.sha256(text_of(s3, Bucket=bucket, Key="stream")).digest(), hashlib.sha256(data).digest())

    @tally.step("an upload is listed with its parts until it is given up")
    def _():
        of = {"Bucket": bucket, "Key": "given up"}
        upload = s3.create_multipart_upload(**of)["UploadId"]
        s3.upload_part(**of, UploadId=upload, PartNumber=3, Body=b"part")
        same([(part["PartNumber"], part["Size"]) for part in s3.list_parts(**of, UploadId=upload)["Parts"]], [(3, 4)])
        same([listed["Key"] for listed in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]], ["given up"])
        s3.abort_multipart_upload(**of, UploadId=upload)
        same(refusal_of(s3.list_parts, **of, UploadId=upload), "NoSuchUpload")


def presigned_steps(tally, s3, of):
    bucket, signer, version = of["bucket"], of["signer"], of["version"]
    key = "presigned ä.txt"

    @tally.step(f"a PUT and a GET presigned by {version}")
    def _():
        put = signer.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": key, "ContentType": "text/plain"})
        same(fetched("PUT", put, body=b"presigned bytes", headers={"content-type": "text/plain"})[0], 200)
        get = signer.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": key, "ResponseContentType": "text/html"})
        status, body, headers = fetched("GET", get)
        same((status, body, headers["content-type"]), (200, b"presigned bytes", "text/html"))

    @tally.step(f"a URL presigned by {version} is good for what it says and not longer than it says")
    def _():
        params = {"Bucket": bucket, "Key": key}
        same(fetched("GET", signer.generate_presigned_url("get_object", Params=params, ExpiresIn=60))[0], 200)
        if os.environ["MILLRACE_MODE"] == "keys":
            url = signer.generate_presigned_url("get_object", Params=params)
            same(fetched("GET", url.replace("presigned", "another"))[0], 403)
            same(fetched("DELETE", url)[0], 403)

    @tally.step(f"a form with a policy presigned by {version}")
    def _():
        post = signer.generate_presigned_post(bucket, "forms/${filename}", Fields={"x-amz-meta-from": "form"}, Conditions=[{"x-amz-meta-from": "form"}])
        status, body, _headers = posted(post, "from form.txt", b"form bytes")
        same((status, body), (204, b""))
        got = s3.get_object(Bucket=bucket, Key="forms/from form.txt")
        same((got["Body"].read(), got["Metadata"]), (b"form bytes", {"from": "form"}))


def event_steps(tally, s3, of):
    bucket, sqs = of["bucket"], of["sqs"]

    @tally.step("an event of an object comes to the queue")
    def _():
        url = sqs.create_queue(QueueName=f"{bucket}-events")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        configuration = {"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)
        s3.put_object(Bucket=bucket, Key="told of", Body=b"bytes")
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
        probe, event = (json.loads(message["Body"]) for message in messages)
        same(probe["Event"], "s3:TestEvent")
        same(event["Records"][0]["s3"]["object"]["key"], "told+of")
        sqs.delete_queue(QueueUrl=url)


def end_steps(tally, s3, bucket):
    @tally.step("a bucket is deleted only when it is empty")
    def _():
        same(refusal_of(s3.delete_bucket, Bucket=bucket), "BucketNotEmpty")
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": item["Key"]} for item in page["Contents"]], "Quiet": True})
        s3.delete_bucket(Bucket=bucket)
        same(refusal_of(s3.head_bucket, Bucket=bucket), "404")
        same(refusal_of(s3.list_objects_v2, Bucket=bucket), "NoSuchBucket")


def text_of(s3, **arguments):
    return s3.get_object(**arguments)["Body"].read()


def fetched(method, url, **options):
    """A request as a browser makes it, without any key: status, body, headers."""
    request = urllib.request.Request(url, data=options.get("body"), headers=options.get("headers", {}), method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as answer:
        return answer.code, answer.read(), answer.headers


def posted(post, filename, data):
    boundary = uuid.uuid4().hex
    fields = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in post["fields"].items()
    )
    file = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\nContent-Type: text/plain\r\n\r\n'
    body = fields.encode() + file.encode() + data + f"\r\n--{boundary}--\r\n".encode()
    return fetched("POST", post["url"], body=body, headers={"content-type": f"multipart/form-data; boundary={boundary}"})
