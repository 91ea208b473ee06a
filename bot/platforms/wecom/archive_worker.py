"""The process that holds the vendor's archive library: a line of JSON in, a line of JSON out.

Run as `python archive_worker.py LIBRARY`. It may crash; the bot may not. It imports nothing of ours.
Requests: {"do": "init", "corp_id", "secret"}, {"do": "pull", "seq", "limit", "seconds"},
{"do": "decrypt", "key", "message"}. Answers: {"data": Base64} or {"error": code}.
"""

from __future__ import annotations

import base64
import ctypes
import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import BinaryIO

PARAMETER_ERROR = 10000
SYSTEM_ERROR = 10003
SHORTEST_SEALED = 13
LIBRARY_NOT_LOADED = 2  # exit code

_HANDLE = ctypes.c_void_p
_TEXT = ctypes.c_char_p
# The default result type would cut a pointer in half: every function is declared.
_FUNCTIONS: Mapping[str, tuple[object, tuple[object, ...]]] = {
    "NewSdk": (_HANDLE, ()),
    "Init": (ctypes.c_int, (_HANDLE, _TEXT, _TEXT)),
    "DestroySdk": (None, (_HANDLE,)),
    "GetChatData": (
        ctypes.c_int,
        (_HANDLE, ctypes.c_uint64, ctypes.c_uint32, _TEXT, _TEXT, ctypes.c_int, _HANDLE),
    ),
    "DecryptData": (ctypes.c_int, (_TEXT, _TEXT, _HANDLE)),
    "NewSlice": (_HANDLE, ()),
    "FreeSlice": (None, (_HANDLE,)),
    # Not c_char_p: that would stop at the first NUL.
    "GetContentFromSlice": (_HANDLE, (_HANDLE,)),
    "GetSliceLen": (ctypes.c_int, (_HANDLE,)),
}


class LibraryError(Exception):
    """The library returned this code."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


class FinanceSdk:
    """The vendor's library by ctypes: one handle, made once (a token of two hours goes with it)."""

    def __init__(self, path: str) -> None:
        self._library = ctypes.CDLL(path)
        for name, (result, arguments) in _FUNCTIONS.items():
            function = getattr(self._library, name)
            function.restype = result
            function.argtypes = list(arguments)
        self._handle: int | None = None

    def init(self, corp_id: str, secret: str) -> None:
        """Begin, or begin anew after a failure."""
        self.close()
        handle = self._library.NewSdk()
        code = self._library.Init(handle, corp_id.encode(), secret.encode())
        if code:
            self._library.DestroySdk(handle)
            raise LibraryError(code)
        self._handle = handle

    def close(self) -> None:
        """Give the handle back."""
        if self._handle is not None:
            self._library.DestroySdk(self._handle)
            self._handle = None

    def get_chat_data(self, seq: int, limit: int, seconds: int) -> bytes:
        """A batch of records as JSON."""
        if self._handle is None:
            raise LibraryError(PARAMETER_ERROR)
        handle = self._handle
        return self._filled(
            lambda slice_: self._library.GetChatData(handle, seq, limit, b"", b"", seconds, slice_)
        )

    def decrypt(self, key: str, message: str) -> bytes:
        """A record as JSON. The library aborts on a short one, so that is refused before."""
        if len(message) < SHORTEST_SEALED:
            raise LibraryError(PARAMETER_ERROR)
        return self._filled(
            lambda slice_: self._library.DecryptData(key.encode(), message.encode(), slice_)
        )

    def _filled(self, fill: Callable[[int], int]) -> bytes:
        slice_ = self._library.NewSlice()
        try:
            if code := fill(slice_):
                raise LibraryError(code)
            content = self._library.GetContentFromSlice(slice_)
            length = self._library.GetSliceLen(slice_)
            return ctypes.string_at(content, length) if content and length > 0 else b""
        finally:
            self._library.FreeSlice(slice_)


def answer(sdk: FinanceSdk, request: Mapping[str, object]) -> Mapping[str, object]:
    """Do what a request says; every failure is a code."""
    try:
        data = _do(sdk, request)
    except LibraryError as error:
        return {"error": error.code}
    except (KeyError, TypeError, ValueError):
        return {"error": PARAMETER_ERROR}
    return {"data": base64.b64encode(data).decode()}


def _do(sdk: FinanceSdk, request: Mapping[str, object]) -> bytes:
    match request["do"]:
        case "init":
            sdk.init(str(request["corp_id"]), str(request["secret"]))
            return b""
        case "pull":
            numbers = (int(str(request[name])) for name in ("seq", "limit", "seconds"))
            return sdk.get_chat_data(*numbers)
        case "decrypt":
            return sdk.decrypt(str(request["key"]), str(request["message"]))
        case _:
            raise LibraryError(PARAMETER_ERROR)


def serve(sdk: FinanceSdk, requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer line by line until the requests end."""
    for line in requests:
        try:
            request = json.loads(line)
        except ValueError:
            request = {}
        answers.write(json.dumps(answer(sdk, request)).encode() + b"\n")
        answers.flush()
    sdk.close()


def main(arguments: list[str]) -> int:
    """The exit code says when the library cannot be loaded."""
    try:
        sdk = FinanceSdk(arguments[0])
    except (IndexError, OSError, AttributeError):
        return LIBRARY_NOT_LOADED
    # What the library itself prints must not get between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    with answers:
        serve(sdk, sys.stdin.buffer, answers)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
