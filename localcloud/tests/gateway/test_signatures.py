"""Signatures, chunks and checksums, judged by the worked examples of AWS's documentation and by botocore's signers."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from localcloud.errors import ServiceError
from localcloud.gateway.authentication.signatures_v4 import Signature, signature_of
from localcloud.gateway.chunked import SIGNED, SIGNED_TRAILER, UNSIGNED_TRAILER, ChunkedBody, ChunkSigner
from localcloud.s3.checksums import ALGORITHMS, Checksums

# The key of AWS's examples.
ID, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

# https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, "Example: GET object"
GET = {
    "host": "examplebucket.s3.amazonaws.com",
    "range": "bytes=0-9",
    "x-amz-date": "20130524T000000Z",
    "x-amz-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "authorization": (
        f"AWS4-HMAC-SHA256 Credential={ID}/20130524/us-east-1/s3/aws4_request,"
        "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
        "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    ),
}

# .../sigv4-streaming.html: 65 KiB of `a`, in a chunk of 64 KiB and one of 1 KiB
SEED = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
CHUNKS = [
    (65_536, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"),
    (1_024, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"),
    (0, "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"),
]


def checked(headers: dict[str, str], method: str = "GET", path: str = "/test.txt", query: str = "") -> None:
    signature = signature_of(headers, query)
    assert signature is not None
    signature.check(SECRET, method, path, query, headers, lambda: headers["x-amz-content-sha256"])


def test_awss_example_of_a_signed_get_is_right_and_with_any_change_wrong() -> None:
    checked(GET)
    for changed in ({"range": "bytes=0-10"}, {"host": "other.s3.amazonaws.com"}, {"x-amz-new": "header"}):
        with pytest.raises(ServiceError) as refused:
            checked({**GET, **changed})
        assert refused.value.code == "SignatureDoesNotMatch"
    with pytest.raises(ServiceError):
        checked(GET, path="/other.txt")
    with pytest.raises(ServiceError):
        checked(GET, method="HEAD")
    with pytest.raises(ServiceError):
        checked(GET, query="versionId=1")


@given(
    path=st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF), max_size=20),
    query=st.dictionaries(st.text("abc-&=é ", min_size=1, max_size=5), st.text("xyz/?+% ü", max_size=8), max_size=4),
    service=st.sampled_from(["s3", "sagemaker"]),
    body=st.binary(max_size=20),
)
def test_what_botocore_signs_is_right(path: str, query: dict[str, str], service: str, body: bytes) -> None:
    from urllib.parse import quote, urlencode

    url = f"http://127.0.0.1:8080/{quote(path)}?{urlencode(query, quote_via=quote)}"
    request = AWSRequest("PUT", url, {"X-Amz-Meta-Own": " a  b "}, body)
    signer = S3SigV4Auth if service == "s3" else SigV4Auth
    signer(Credentials(ID, SECRET, "token"), service, "us-east-1").add_auth(request)
    parts = urlsplit(request.prepare().url)
    headers = {name.lower(): str(value).strip() for name, value in request.headers.items()} | {"host": parts.netloc}
    signature = signature_of(headers, parts.query)
    assert signature is not None
    assert signature.token == "token"
    from localcloud.gateway.authentication.signatures_v4 import hashed

    payload_hash = headers.get("x-amz-content-sha256", hashed(body))
    signature.check(SECRET, "PUT", parts.path, parts.query, headers, lambda: payload_hash)
    with pytest.raises(ServiceError):
        signature.check(SECRET + "x", "PUT", parts.path, parts.query, headers, lambda: payload_hash)


def test_a_request_is_good_for_a_quarter_of_an_hour() -> None:
    signature = signature_of(GET, "")
    assert signature is not None
    signed = datetime(2013, 5, 24, tzinfo=UTC)
    for minutes in (-14, 0, 14):
        signature.check_time(signed + timedelta(minutes=minutes))
    for minutes in (-16, 16):
        with pytest.raises(ServiceError) as refused:
            signature.check_time(signed + timedelta(minutes=minutes))
        assert refused.value.code == "RequestTimeTooSkewed"


@pytest.mark.parametrize("fields", ["", "Credential=x", "Credential=a/b, SignedHeaders=host, Signature=0"])
def test_an_authorization_that_cannot_be_read_is_refused(fields: str) -> None:
    with pytest.raises(ServiceError) as refused:
        signature_of({"authorization": f"AWS4-HMAC-SHA256 {fields}"}, "")
    assert refused.value.code == "AuthorizationHeaderMalformed"


def example(seed: str) -> ChunkSigner:
    scope = ("20130524", "us-east-1", "s3")
    return ChunkSigner(Signature(ID, *scope, ("host",), seed, "20130524T000000Z", None), SECRET)


def encoded(chunks: list[tuple[int, str]], letter: bytes = b"a") -> bytes:
    return b"".join(
        b"%x;chunk-signature=%s\r\n" % (size, signature.encode()) + letter * size + (b"\r\n" if size else b"")
        for size, signature in chunks
    )


def decoded(data: bytes, kind: str = SIGNED, signer: ChunkSigner | None = None) -> tuple[bytes, dict[str, str]]:
    body = ChunkedBody(io.BytesIO(data), kind, signer)
    return b"".join(body.pieces()), body.trailers


def test_awss_example_of_signed_chunks_is_right_and_with_any_change_wrong() -> None:
    assert decoded(encoded(CHUNKS) + b"\r\n", signer=example(SEED))[0] == b"a" * 66_560
    swapped = [(65_536, CHUNKS[1][1]), *CHUNKS[1:]]
    for wrong in (encoded(CHUNKS, b"b"), encoded(swapped), encoded(CHUNKS[:1] + CHUNKS[2:]), encoded(CHUNKS[2:])):
        with pytest.raises(ServiceError) as refused:
            decoded(wrong + b"\r\n", signer=example(SEED))
        assert refused.value.code == "SignatureDoesNotMatch"


def test_awss_example_of_a_signed_trailer_is_right_and_with_any_change_wrong() -> None:
    """.../sigv4-streaming-trailers.html"""
    seed = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"
    chunks = [
        (65_536, "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2"),
        (1_024, "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7"),
        (0, "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992"),
    ]
    signature = "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435"

    def trailer(checksum: str) -> bytes:
        return f"x-amz-checksum-crc32c:{checksum}\r\nx-amz-trailer-signature:{signature}\r\n\r\n".encode()

    body, trailers = decoded(encoded(chunks) + trailer("sOO8/Q=="), SIGNED_TRAILER, example(seed))
    checksums = Checksums({"x-amz-trailer": "x-amz-checksum-crc32c"})
    checksums.update(body)
    checksums.check(trailers)
    with pytest.raises(ServiceError) as refused:
        decoded(encoded(chunks) + trailer("sOO8/A=="), SIGNED_TRAILER, example(seed))
    assert refused.value.code == "SignatureDoesNotMatch"
    with pytest.raises(ServiceError):
        decoded(encoded(chunks) + b"\r\n", SIGNED_TRAILER, example(seed))


@pytest.mark.parametrize(
    "data",
    [b"", b"5\r\nhel", b"x\r\n", b"-1\r\n", b"5\r\nhello!\r\n0\r\n\r\n", b"5\r\nhello\r\n0\r\nno colon\r\n\r\n"],
)
def test_chunks_that_are_none_are_refused(data: bytes) -> None:
    with pytest.raises(ServiceError):
        decoded(data, UNSIGNED_TRAILER)


@pytest.mark.parametrize(
    ("algorithm", "digest"),
    [  # the check values of the CRC catalogue, of the nine digits 1 to 9
        ("crc32", "cbf43926"),
        ("crc32c", "e3069283"),
        ("crc64nvme", "ae8b14860a799888"),
    ],
)
def test_checksums_are_the_catalogues(algorithm: str, digest: str) -> None:
    checksum: Any = ALGORITHMS[algorithm]()
    checksum.update(b"1234")
    checksum.update(b"56789")
    assert checksum.digest().hex() == digest


def test_a_checksum_that_does_not_hold_or_is_missing_is_refused() -> None:
    for headers, trailers in (
        ({"x-amz-checksum-crc32": "AAAAAA=="}, {}),
        ({"x-amz-trailer": "x-amz-checksum-crc32"}, {}),
        ({"x-amz-trailer": "x-amz-checksum-crc32"}, {"x-amz-checksum-crc32": "AAAAAA=="}),
    ):
        checksums = Checksums(headers)
        checksums.update(b"body")
        with pytest.raises(ServiceError) as refused:
            checksums.check(trailers)
        assert refused.value.code == "BadDigest"
    with pytest.raises(ServiceError) as unknown:
        Checksums({"x-amz-checksum-unheard-of": "AAAA"})
    assert unknown.value.status == 501
