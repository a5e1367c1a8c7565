"""The bounds of one answer: seconds from the question to the last byte, and bytes once unpacked.

A timeout of httpx is one of each read, so that a byte every few seconds, of headers too, goes on for ever;
and it unpacks whatever comes, a thousandfold or more. Here time is bounded where bytes are read, and size
where they are unpacked.
"""

from __future__ import annotations

import ssl
import time
import zlib
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx

from sequence_warehouse.extract.errors import Transient

ACCEPTED = {"Accept": "application/json", "Accept-Encoding": "gzip"}
# what is too large or too slow may take as much each time
FEW_ATTEMPTS = 3


class Deadline:
    """When the answer that is being read has to be there, by the machine's clock."""

    def __init__(self) -> None:
        self._at = float("inf")

    def begin(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def left(self, timeout: float | None) -> float:
        """The seconds that one read or write may take."""
        left = self._at - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the answer took too long")
        return left if timeout is None else min(timeout, left)


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = self._deadline.left(timeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    def __init__(self, backend: httpcore.NetworkBackend, deadline: Deadline) -> None:
        self._backend = backend
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        left = self._deadline.left(timeout)
        stream = self._backend.connect_tcp(host, port, left, local_address, socket_options)
        return _Stream(stream, self._deadline)

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._backend.connect_unix_socket(path, self._deadline.left(timeout), socket_options)
        return _Stream(stream, self._deadline)

    def sleep(self, seconds: float) -> None:
        self._backend.sleep(seconds)


def bound(client: httpx.Client, deadline: Deadline) -> None:
    """Have all that a client reads and writes be in time, through proxies too."""
    # httpx gives no public way to its pool's network; tests drip bytes over real connections
    for transport in (client._transport, *client._mounts.values()):
        pool = getattr(transport, "_pool", None)
        if pool is not None:
            pool._network_backend = _Backend(pool._network_backend, deadline)


def read(response: httpx.Response, most: int) -> httpx.Response:
    """The response with its body, unpacked: ``most`` bytes of it. Raises Transient when there are more, when
    it is packed in another way than was asked for, or breaks off."""
    if response.is_stream_consumed:  # a transport has read it: there is nothing more on the wire
        return response
    packed = response.headers.get("Content-Encoding", "").strip().lower()
    if packed not in {"", "identity", "gzip", "x-gzip"}:
        raise Transient(f"HubSpot's answer is packed as {packed[:40]!r}, which nobody asked for.")
    unpacking = zlib.decompressobj(wbits=31) if packed.endswith("gzip") else None
    assert isinstance(response.stream, httpx.SyncByteStream)
    parts: list[bytes] = []
    received = size = 0
    try:
        for part in response.stream:
            received += len(part)
            if unpacking is not None:
                part = unpacking.decompress(part, most - size + 1)
            size += len(part)
            if max(size, received) > most:
                raise Transient(
                    f"HubSpot's answer has more than {most:,} bytes: ask for smaller pages, or allow more by "
                    "SEQUENCE_WAREHOUSE_HUBSPOT_ANSWER_BYTES.",
                    attempts=FEW_ATTEMPTS,
                )
            parts.append(part)
    except zlib.error as error:
        raise Transient(f"HubSpot's answer cannot be unpacked ({error}).") from None
    if received and unpacking is not None and not unpacking.eof:
        raise Transient("HubSpot's answer broke off.")
    kept = {
        name: value
        for name, value in response.headers.items()
        if name not in {"content-encoding", "content-length", "transfer-encoding"}
    }
    return httpx.Response(
        response.status_code, headers=kept, content=b"".join(parts), request=response.request
    )
