"""A bucket of Amazon S3, or of a service that speaks as it does."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from pressrun.channels.web import redirects
from pressrun.outputs import digest as told
from pressrun.publishing.targets import lease
from pressrun.publishing.targets.releases import InPlace
from pressrun.publishing.targets.stores import ASSETS, Held, Order, Sent, Shared, Source, Target, Undelivered

#: connections at once
_AT_ONCE = 8
#: not the machine's tables, which differ
_TYPES = mimetypes.MimeTypes()
_MORE = {
    ".avif": "image/avif", ".webp": "image/webp", ".woff2": "font/woff2", ".ico": "image/x-icon",
    ".js": "text/javascript", ".wasm": "application/wasm", ".eml": "message/rfc822",
}  # fmt: skip
_TEXT = ("text/", "application/json", "application/xml", "text/javascript", "image/svg+xml")
_ABSENT = {"NoSuchKey", "404", "NotFound"}
#: some services refuse the newer checksums
_CONFIG = Config(
    request_checksum_calculation="when_required", response_checksum_validation="when_required", connect_timeout=30,
    retries={"mode": "standard", "max_attempts": 5},
)  # fmt: skip


@contextmanager
def opened(order: Order) -> Iterator[Target]:
    """boto3 finds the keys itself, in the environment, in ~/.aws or by the machine's role. Raises Undelivered."""
    store = Bucket(order)
    with ExitStack() as stack:
        with store.plainly():
            store.connect()
            renew = stack.enter_context(lease.held(store, order.token))
        yield Pages(store, renew, order.fetch, urlsplit(order.site.base_url).path)


class Bucket(Shared):
    def __init__(self, order: Order) -> None:
        found = order.settings
        self.name = f"s3://{found['bucket']}"
        #: where the service leads on from a page, by path
        self.moved: dict[str, str] = {}
        self._bucket, self._prefix = found["bucket"], f"{found['prefix']}/" if "prefix" in found else ""
        self._where = {"endpoint_url": found.get("endpoint"), "region_name": found.get("region")}
        self._s3: Any = None

    def connect(self) -> None:
        self._s3 = boto3.session.Session().client("s3", config=_CONFIG, **self._where)

    @contextmanager
    def plainly(self) -> Iterator[None]:
        try:
            yield
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            problem, remedy = next((said for codes, *said in _SAID if code in codes), _OTHER)
            raise Undelivered(f"{self.name} {problem.format(code=code)}. {remedy}") from error
        except BotoCoreError as error:
            remedy = (
                "Check endpoint and region in site.yaml, and AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or ~/.aws."
            )
            raise Undelivered(f"{self.name} cannot be reached ({type(error).__name__}). {remedy}") from error

    def mark(self, path: str, digest: str) -> str:
        return told(digest, *(word for pair in sorted(self._said(path).items()) for word in pair))

    def _said(self, path: str) -> dict[str, str]:
        """What the service says of a file to readers."""
        name = path.rpartition("/")[2]
        kind = redirects.TYPES.get(name) if path.startswith("feed/") else None
        kind = kind or _MORE.get(Path(name).suffix) or _TYPES.guess_type(name)[0] or "application/octet-stream"
        if kind.startswith(_TEXT) and "charset" not in kind:
            kind += "; charset=utf-8"
        moved = {"WebsiteRedirectLocation": self.moved[path]} if path in self.moved else {}
        cache = redirects.LONG if path.startswith(ASSETS) else redirects.BRIEF
        return {"ContentType": kind, "CacheControl": cache} | moved

    def _named(self, path: str) -> dict[str, str]:
        return {"Bucket": self._bucket, "Key": self._prefix + path}

    def get(self, path: str) -> bytes | None:
        try:
            return bytes(self._s3.get_object(**self._named(path))["Body"].read())
        except ClientError as error:
            if error.response["Error"]["Code"] in _ABSENT:
                return None
            raise

    def put(self, files: Sequence[tuple[str, Source]]) -> None:
        self._each(self._write, files)

    def _write(self, file: tuple[str, Source]) -> None:
        path, source = file
        body = source if isinstance(source, bytes) else source.read_bytes()
        self._s3.put_object(**self._named(path), **self._said(path), Body=body)

    def drop(self, paths: Iterable[str]) -> None:
        self._each(lambda path: self._s3.delete_object(**self._named(path)), paths)

    def _each(self, act: Callable[[Any], object], items: Iterable[Any]) -> None:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(act, items))

    def create(self, path: str, data: bytes) -> bool:
        try:
            self._s3.put_object(**self._named(path), Body=data, IfNoneMatch="*")
        except ClientError as error:
            if error.response["Error"]["Code"] in {"PreconditionFailed", "ConditionalRequestConflict"}:
                return False
            raise
        return True

    def silence(self, path: str) -> float:
        try:
            found = self._s3.get_object(**self._named(path))
        except ClientError as error:
            if error.response["Error"]["Code"] in _ABSENT:
                return 0.0
            raise
        now = parsedate_to_datetime(found["ResponseMetadata"]["HTTPHeaders"]["date"])
        return float((now - found["LastModified"]).total_seconds())


class Pages(InPlace):
    """A bucket leads on from earlier addresses itself, as `_redirects` of the site says."""

    def __init__(
        self, store: Bucket, renew: Callable[[], None], live: Callable[[str], bytes | None], base: str
    ) -> None:
        super().__init__(store, renew, live)
        self._bucket, self._base = store, f"{base}/"

    def release(self, folder: Path, held: Held) -> Sent:
        rows = [line.split() for line in (folder / "_redirects").read_text(encoding="utf-8").splitlines()]
        self._bucket.moved = {
            f"{old.removeprefix(self._base)}index.html": new
            for old, new, code in (row for row in rows if len(row) == 3 and row[0] != "#")
            if code == "301" and old.endswith("/")
        }
        return super().release(folder, held)


#: error codes with what they mean and what to do
_OTHER = ("answers '{code}'", "Look the word up in the service's manual, and publish again.")
_SAID = (
    ({"NoSuchBucket", "404"}, "does not exist", "Create the bucket, or mend its name in site.yaml."),
    ({"AccessDenied", "403", "AllAccessDisabled"}, "does not let these keys write",
     "They need s3:GetObject, s3:PutObject and s3:DeleteObject for the bucket's files."),
    ({"InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken"}, "does not know these keys ({code})",
     "Renew AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or ~/.aws/credentials."),
    ({"QuotaExceeded", "InsufficientStorage", "XMinioStorageFull"}, "has no space left ({code})",
     "Make room, and publish again."),
    ({"PermanentRedirect", "AuthorizationHeaderMalformed"}, "is in another region", "Write its region into site.yaml."),
)  # fmt: skip
