"""DingTalk's proofs of origin against every published vector."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import Forged, SignatureMismatch, Stale, Undecipherable
from bot.platforms.dingtalk.signing import (
    EventSeal,
    SealedEvent,
    card_signature,
    robot_signature,
    verify_card_signature,
    verify_robot_signature,
)

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))
EVENTS = {vector["id"]: vector for vector in VECTORS["events"]}
MINUTES = timedelta(minutes=5)


def seal_of(vector: dict[str, Any]) -> EventSeal:
    return EventSeal(vector["token"], vector["aes_key"], vector["receive_key"])


def event_of(vector: dict[str, Any]) -> SealedEvent:
    return SealedEvent(
        vector["signature"], vector["timestamp"], vector["nonce"], vector["encrypt"]
    )


@pytest.mark.parametrize("vector", VECTORS["robot_sign"], ids=lambda v: v["timestamp"])
def test_the_robot_sign_matches_the_published_value(vector: dict[str, str]) -> None:
    assert robot_signature(vector["secret"], vector["timestamp"]) == vector["sign"]


@pytest.mark.parametrize("vector", VECTORS["robot_sign"], ids=lambda v: v["timestamp"])
@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_a_fitting_robot_sign_is_accepted_up_to_the_edge_of_the_window(
    vector: dict[str, str], seconds: int
) -> None:
    now = datetime.fromtimestamp(int(vector["timestamp"]) / 1000 + seconds, UTC)

    verify_robot_signature(vector["secret"], vector["timestamp"], vector["sign"], now, MINUTES)


@pytest.mark.parametrize("seconds", [-301, 301, 3_600])
def test_a_sign_outside_the_window_is_stale(seconds: int) -> None:
    vector = VECTORS["robot_sign"][0]
    now = datetime.fromtimestamp(int(vector["timestamp"]) / 1000 + seconds, UTC)

    with pytest.raises(Stale):
        verify_robot_signature(vector["secret"], vector["timestamp"], vector["sign"], now, MINUTES)


@pytest.mark.parametrize(
    "timestamp",
    ["", "157726223675", "15772622367570", "1577262236757\n", "-577262236757", "１５７７２６２２３６７５７",
     "1577262236757.0", "0x15772622367"],
)  # fmt: skip
def test_only_thirteen_plain_digits_are_a_time_stamp(timestamp: str) -> None:
    now = datetime.fromtimestamp(1_577_262_236, UTC)

    with pytest.raises(SignatureMismatch):
        verify_robot_signature("s", timestamp, robot_signature("s", timestamp), now, MINUTES)


@pytest.mark.parametrize("signature", ["", "x", "签名", "\udcff", "A" * 10_000])
def test_a_wrong_sign_of_any_shape_is_a_mismatch_and_not_a_crash(signature: str) -> None:
    now = datetime.fromtimestamp(1_577_262_236, UTC)

    with pytest.raises(SignatureMismatch):
        verify_robot_signature("s", "1577262236757", signature, now, MINUTES)
    with pytest.raises(SignatureMismatch):
        verify_card_signature("s", "1577262236757", signature)


@pytest.mark.parametrize("vector", VECTORS["card_sign"], ids=lambda v: v["timestamp"])
def test_the_card_sign_matches_the_computed_value(vector: dict[str, str]) -> None:
    assert card_signature(vector["secret"], vector["timestamp"]) == vector["sign"]

    verify_card_signature(vector["secret"], vector["timestamp"], vector["sign"])


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_a_published_event_opens_to_its_plaintext(name: str) -> None:
    vector = EVENTS[name]

    assert seal_of(vector).open(event_of(vector)).decode() == vector["plaintext"]


def test_sealing_chinese_text_gives_the_same_bytes_as_the_reference() -> None:
    """Vector d catches the official sample's fault of counting characters, not bytes."""
    vector = EVENTS["d"]

    sealed = seal_of(vector).seal(
        vector["plaintext"].encode(), vector["timestamp"], vector["nonce"], b"0123456789abcdef"
    )

    assert sealed == event_of(vector)
    assert sealed.as_answer() == {
        "msg_signature": vector["signature"],
        "timeStamp": vector["timestamp"],
        "nonce": vector["nonce"],
        "encrypt": vector["encrypt"],
    }


@pytest.mark.parametrize("field", ["signature", "timestamp", "nonce", "encrypted"])
def test_an_event_with_any_value_changed_is_a_mismatch(field: str) -> None:
    vector = EVENTS["a"]
    event = event_of(vector)

    with pytest.raises(SignatureMismatch):
        seal_of(vector).open(replace(event, **{field: getattr(event, field) + "0"}))


def signed(seal: EventSeal, encrypted: str) -> SealedEvent:
    return SealedEvent(seal.signature("1", "n", encrypted), "1", "n", encrypted)


@pytest.mark.parametrize(
    "encrypted", ["", "!!!!", "AAAA", "A" * 64, "签名", EVENTS["b"]["encrypt"]]
)
def test_a_signed_event_that_does_not_decrypt_is_undecipherable(encrypted: str) -> None:
    seal = seal_of(EVENTS["a"])

    with pytest.raises(Undecipherable):
        seal.open(signed(seal, encrypted))


def test_an_event_for_another_receiver_is_undecipherable() -> None:
    vector = EVENTS["a"]
    seal = EventSeal(vector["token"], vector["aes_key"], "dingsomebodyelse")

    with pytest.raises(Undecipherable):
        seal.open(event_of(vector))


def test_an_event_that_says_it_is_longer_than_it_is_is_undecipherable() -> None:
    vector = EVENTS["a"]
    key = base64.b64decode(vector["aes_key"] + "=")
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    body = b"r" * 16 + (99).to_bytes(4, "big") + b"too short"
    padded = body + bytes([32 - len(body) % 32]) * (32 - len(body) % 32)
    sealed = base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()

    with pytest.raises(Undecipherable, match="shorter"):
        seal_of(vector).open(signed(seal_of(vector), sealed))


def test_sealing_needs_sixteen_random_bytes() -> None:
    with pytest.raises(ValueError, match="16"):
        seal_of(EVENTS["a"]).seal(b"x", "1", "n", b"short")


@pytest.mark.parametrize("key", ["", "short", "x" * 44, "x" * 42 + "+"])
def test_a_key_of_the_wrong_shape_is_refused_when_it_is_configured(key: str) -> None:
    with pytest.raises(ValueError, match="43"):
        EventSeal("t", key, "r")


def test_the_seal_shows_no_secret_when_printed() -> None:
    shown = repr(seal_of(EVENTS["a"]))

    assert EVENTS["a"]["token"] not in shown
    assert EVENTS["a"]["aes_key"] not in shown


@given(plain=st.binary(max_size=400), random16=st.binary(min_size=16, max_size=16))
def test_what_was_sealed_opens_to_the_same_bytes(plain: bytes, random16: bytes) -> None:
    seal = seal_of(EVENTS["d"])

    assert seal.open(seal.seal(plain, "1", "n", random16)) == plain


@given(garbage=st.binary(max_size=200))
def test_no_ciphertext_makes_opening_fail_otherwise_than_as_forged(garbage: bytes) -> None:
    seal = seal_of(EVENTS["d"])

    with pytest.raises(Forged):
        seal.open(signed(seal, base64.b64encode(garbage).decode()))
