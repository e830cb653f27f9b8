"""Dapr's S3 binding, as far as the archive of the audit log needs it: to create and to get one object.

https://docs.dapr.io/reference/components-reference/supported-bindings/s3/; errors keep the words of components-contrib
1.18. The request decides about base64, as there. boto3 is imported with the first call.
"""

import asyncio
import base64
import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from shared.embedded.output import Answer, OutputFailed


class S3Binding:
    """Keeps objects in the bucket of `settings` (bucket, region, accessKey, secretKey, endpoint, forcePathStyle)."""

    operations: tuple[str, ...] = ("create", "get")

    def __init__(self, settings: Mapping[str, str]) -> None:
        self._settings = settings

    async def call(self, operation: str, data: object, metadata: Mapping[str, str]) -> Answer:
        """Do it once. Raises `OutputFailed`."""
        return await asyncio.to_thread(getattr(self, f"_{operation}"), data, {**self._settings, **metadata})

    def _create(self, data: object, given: Mapping[str, str]) -> Answer:
        text = data if isinstance(data, str) else json.dumps(data)
        try:
            body = base64.b64decode(text, validate=True) if given.get("decodeBase64") == "true" else text.encode()
        except ValueError as error:
            raise OutputFailed(f"s3 binding error: uploading failed: {error}") from None
        self._do("uploading failed", "put_object", given, Body=body)
        location = f"{self._settings.get('endpoint', '')}/{self._settings['bucket']}/{given['key']}"
        return Answer(json.dumps({"location": location, "versionID": None}).encode(), {"key": given["key"]})

    def _get(self, _data: object, given: Mapping[str, str]) -> Answer:
        body = self._do("error downloading S3 object", "get_object", given)["Body"].read()
        return Answer(base64.b64encode(body) if given.get("encodeBase64") == "true" else body)

    def _do(self, failed: str, operation: str, given: Mapping[str, str], **arguments: object) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError

        if not given.get("key"):
            raise OutputFailed("s3 binding error: required metadata 'key' missing")
        try:
            return getattr(self._client, operation)(Bucket=self._settings["bucket"], Key=given["key"], **arguments)
        except (BotoCoreError, ClientError) as error:
            if isinstance(error, ClientError) and error.response["Error"]["Code"] == "NoSuchKey":
                raise OutputFailed("object not found") from None
            raise OutputFailed(f"s3 binding error: {failed}: {error}") from None

    @cached_property
    def _client(self) -> Any:
        import boto3
        from botocore.config import Config

        style = "path" if self._settings.get("forcePathStyle") == "true" else "auto"
        return boto3.client(
            "s3",
            region_name=self._settings.get("region") or None,
            endpoint_url=self._settings.get("endpoint") or None,
            aws_access_key_id=self._settings.get("accessKey") or None,
            aws_secret_access_key=self._settings.get("secretKey") or None,
            config=Config(s3={"addressing_style": style}, retries={"total_max_attempts": 1}),
        )
