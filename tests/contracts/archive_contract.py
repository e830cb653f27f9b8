"""What the archive of the audit log relies on of Dapr's S3 binding; moto plays Amazon.

One suite, run against the stand-in and against the real daprd. A subclass gives the fixture `dapr`: the client of a
sidecar whose component `archive` leads to the bucket of `amazon`.
"""

# ruff: noqa: D102 -- the name of a test states its rule

import base64
import random
from collections.abc import Iterator
from contextlib import contextmanager

import boto3
import httpx
from moto.server import ThreadedMotoServer

from benchmarks.support.server import free_port
from shared.dapr import Dapr

BUCKET = "ebb-archive"
KEYS = {"region": "eu-central-1", "accessKey": "AKIA", "secretKey": "s3cret"}


@contextmanager
def amazon() -> Iterator[dict[str, str]]:
    """Start an S3 with a bucket; yield the secret of the component."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=free_port(), verbose=False)
    server.start()
    try:
        secret = {**KEYS, "bucket": BUCKET, "endpoint": f"http://127.0.0.1:{server._port}"}
        # Its buckets belong to the process, not to the server.
        httpx.post(f"{secret['endpoint']}/moto-api/reset", trust_env=False).raise_for_status()
        bucket_of(secret).create(CreateBucketConfiguration={"LocationConstraint": KEYS["region"]})
        yield secret
    finally:
        server.stop()


def bucket_of(secret: dict[str, str]):  # type: ignore[no-untyped-def]  # noqa: ANN201 -- boto3 makes its types at run time
    """Return the bucket as Amazon's own client sees it."""
    s3 = boto3.resource(
        "s3", endpoint_url=secret["endpoint"], region_name=secret["region"],
        aws_access_key_id=secret["accessKey"], aws_secret_access_key=secret["secretKey"],
    )  # fmt: skip
    return s3.Bucket(secret["bucket"])


class ArchiveContract:
    """The rules."""

    async def test_the_bucket_has_the_bytes_and_gives_them_back(self, dapr: Dapr, secret: dict[str, str]) -> None:
        data = bytes(range(256)) * 3
        key = {"key": "audit/0123/000000000001-000000000005.jsonl.gz"}
        assert 200 == (await dapr.bind("archive", "create", base64.b64encode(data).decode(), key)).status
        assert data == bucket_of(secret).Object(key["key"]).get()["Body"].read()
        reply = await dapr.bind("archive", "get", None, key, 8_000_000)
        assert (200, data) == (reply.status, base64.b64decode(reply.body, validate=True))

    async def test_an_object_that_is_written_again_is_the_new_one(self, dapr: Dapr, secret: dict[str, str]) -> None:
        for data in (b"one", b"two"):
            await dapr.bind("archive", "create", base64.b64encode(data).decode(), {"key": "again"})
        assert b"dHdv" == (await dapr.bind("archive", "get", None, {"key": "again"})).body
        assert 1 == sum(one.key == "again" for one in bucket_of(secret).objects.all())

    async def test_the_largest_chunk_goes_through(self, dapr: Dapr) -> None:
        data = random.Random(1).randbytes(2_900_000)
        assert 200 == (await dapr.bind("archive", "create", base64.b64encode(data).decode(), {"key": "large"})).status
        reply = await dapr.bind("archive", "get", None, {"key": "large"}, 8_000_000)
        assert data == base64.b64decode(reply.body, validate=True)

    async def test_an_object_that_is_not_there_is_500(self, dapr: Dapr) -> None:
        reply = await dapr.bind("archive", "get", None, {"key": "nowhere"})
        assert (500, "object not found") == (reply.status, reply.text)

    async def test_a_bucket_that_refuses_is_500_with_its_words(self, dapr: Dapr, secret: dict[str, str]) -> None:
        bucket = bucket_of(secret)
        bucket.objects.all().delete()
        bucket.delete()
        try:
            for operation, failed in (("create", "uploading failed"), ("get", "error downloading S3 object")):
                reply = await dapr.bind("archive", operation, "eA==", {"key": "x"})
                assert 500 == reply.status
                assert reply.text.startswith(f"s3 binding error: {failed}: ")
                assert "NoSuchBucket" in reply.text
        finally:
            bucket.create(CreateBucketConfiguration={"LocationConstraint": KEYS["region"]})
