"""The callback envelope against published vectors and against another implementation."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import PrpCrypto
from wechatpy.utils import WeChatSigner

from bot.domain.errors import BadInput, SignatureMismatch, Stale, Undecipherable
from bot.platforms.wecom.crypto import PaddedCipher, WecomEnvelope, check_fresh

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text("utf-8"))
ENVELOPES = [pytest.param(vector, id=vector["id"]) for vector in VECTORS["envelopes"]]
MEDIA = [pytest.param(vector, id=vector["id"]) for vector in VECTORS["media"]]
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
RANDOM = b"0123456789abcdef"
NOW = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)


def envelope_of(vector: dict[str, str]) -> WecomEnvelope:
    return WecomEnvelope(vector["token"], vector["encoding_aes_key"], vector["receiveid"])


@pytest.mark.parametrize("vector", ENVELOPES)
def test_a_published_signature_is_ours(vector):
    envelope = envelope_of(vector)

    envelope.check(vector["signature"], vector["timestamp"], vector["nonce"], vector["encrypt"])

    assert (
        envelope.sign(vector["timestamp"], vector["nonce"], vector["encrypt"])
        == vector["signature"]
    )


@pytest.mark.parametrize("vector", ENVELOPES)
def test_a_published_ciphertext_opens(vector):
    plain = envelope_of(vector).open(vector["encrypt"]).decode()

    if "plaintext" in vector:
        assert plain == vector["plaintext"]
    for piece in vector.get("plaintext_contains", []):
        assert piece in plain


@pytest.mark.parametrize("vector", [found for found in ENVELOPES if "random16" in found.values[0]])
def test_a_published_ciphertext_is_reproduced_byte_for_byte(vector):
    sealed = envelope_of(vector).seal(vector["plaintext"].encode(), vector["random16"].encode())

    assert sealed == vector["encrypt"]


@pytest.mark.parametrize("vector", MEDIA)
def test_published_media_vectors_open_and_reproduce(vector):
    cipher = PaddedCipher(base64.b64decode(vector["aeskey_b64"]))
    plain, sealed = base64.b64decode(vector["plain_b64"]), base64.b64decode(vector["cipher_b64"])

    assert cipher.decrypt(sealed) == plain
    assert cipher.encrypt(plain) == sealed
    assert len(sealed) - len(plain) == vector["pad"]


@pytest.mark.parametrize("vector", ENVELOPES)
def test_one_flipped_digit_of_the_signature_is_refused(vector):
    flipped = ("1" if vector["signature"][0] == "0" else "0") + vector["signature"][1:]

    with pytest.raises(SignatureMismatch):
        envelope_of(vector).check(flipped, vector["timestamp"], vector["nonce"], vector["encrypt"])


@pytest.mark.parametrize("vector", ENVELOPES)
def test_a_truncated_ciphertext_is_refused(vector):
    sealed = base64.b64encode(base64.b64decode(vector["encrypt"])[:-16]).decode()

    with pytest.raises(Undecipherable):
        envelope_of(vector).open(sealed)


@pytest.mark.parametrize("vector", ENVELOPES)
def test_another_receiver_is_refused(vector):
    other = WecomEnvelope(vector["token"], vector["encoding_aes_key"], "ww0000000000000000")

    with pytest.raises(Undecipherable):
        other.open(vector["encrypt"])


@pytest.mark.parametrize(
    "encrypted",
    ["", "=", "A", "AAAA", "中文", "QUJD REVG", "QUJD\nREVG", "QQ==QQ==", "\ud800", "*" * 64],
)
def test_what_is_not_whole_blocks_of_base64_is_refused(encrypted):
    with pytest.raises(Undecipherable):
        WecomEnvelope("t", KEY, "").open(encrypted)


@pytest.mark.parametrize("pad", [0, 33, 255])
def test_a_pad_outside_one_to_thirty_two_is_refused(pad):
    plain = RANDOM + (0).to_bytes(4, "big") + bytes(11) + bytes([pad])

    with pytest.raises(Undecipherable):
        WecomEnvelope("t", KEY, "").open(_sealed_without_padding(plain))


def test_pad_bytes_that_differ_are_refused():
    plain = RANDOM + (0).to_bytes(4, "big") + bytes(9) + b"\x01\x02\x03"

    with pytest.raises(Undecipherable):
        WecomEnvelope("t", KEY, "").open(_sealed_without_padding(plain))


@pytest.mark.parametrize("claimed", [1, 2**31, 2**32 - 1])
def test_a_length_beyond_the_buffer_is_refused(claimed):
    cipher = PaddedCipher(base64.b64decode(KEY + "="))
    sealed = cipher.encrypt(RANDOM + claimed.to_bytes(4, "big"))

    with pytest.raises(Undecipherable):
        WecomEnvelope("t", KEY, "").open(base64.b64encode(sealed).decode())


def test_a_plaintext_below_its_head_is_refused():
    sealed = PaddedCipher(base64.b64decode(KEY + "=")).encrypt(b"short")

    with pytest.raises(Undecipherable):
        WecomEnvelope("t", KEY, "").open(base64.b64encode(sealed).decode())


@pytest.mark.parametrize(
    "key", ["", "a" * 42, "a" * 44, "a" * 42 + "$", "a" * 42 + "\n", "键" * 43]
)
def test_a_key_that_is_not_43_letters_and_digits_is_refused_by_name(key):
    with pytest.raises(BadInput) as caught:
        WecomEnvelope("t", key, "")

    assert caught.value.field == "encoding_aes_key"
    assert not key or key not in str(caught.value)


@pytest.mark.parametrize("signature", ["", "ä" * 40, "\ud800" * 40, "0" * 41])
def test_a_signature_of_strange_characters_is_a_mismatch_and_no_crash(signature):
    with pytest.raises(SignatureMismatch):
        WecomEnvelope("t", KEY, "").check(signature, "1", "n\udcff", "e")


@given(message=st.binary(max_size=400), random16=st.binary(min_size=16, max_size=16))
def test_what_was_sealed_opens(message, random16):
    envelope = WecomEnvelope("token", KEY, "ww0123456789abcdef")

    assert envelope.open(envelope.seal(message, random16)) == message


@given(message=st.binary(max_size=200), at=st.integers(min_value=0), flip=st.integers(1, 255))
def test_a_changed_byte_never_opens_under_the_same_signature(message, at, flip):
    envelope = WecomEnvelope("token", KEY, "")
    sealed = envelope.seal(message, RANDOM)
    signature = envelope.sign("1760000000", "n", sealed)
    raw = bytearray(base64.b64decode(sealed))
    raw[at % len(raw)] ^= flip

    with pytest.raises(SignatureMismatch):
        envelope.check(signature, "1760000000", "n", base64.b64encode(raw).decode())


@given(text=st.text(max_size=200))
def test_wechatpy_opens_what_we_seal_and_we_open_what_it_seals(text):
    corp = "ww0123456789abcdef"
    ours, theirs = WecomEnvelope("tok", KEY, corp), PrpCrypto(base64.b64decode(KEY + "="))

    assert theirs.decrypt(ours.seal(text.encode(), RANDOM), corp) == text
    assert ours.open(theirs.encrypt(text, corp).decode()) == text.encode()


@given(parts=st.tuples(*[st.text("0123456789abcdefXYZ+/=", max_size=40)] * 3))
def test_wechatpy_signs_as_we_do(parts):
    signer = WeChatSigner()
    signer.add_data("tok", *parts)

    assert WecomEnvelope("tok", KEY, "").sign(*parts) == signer.signature


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_a_time_stamp_on_the_edge_of_the_window_is_fresh(seconds):
    check_fresh(str(int(NOW.timestamp()) + seconds), NOW, timedelta(seconds=300))


@pytest.mark.parametrize(
    "timestamp",
    [
        str(int(NOW.timestamp()) - 301),
        str(int(NOW.timestamp()) + 301),
        "",
        "176000000",
        "17600000000",
        "-760000000",
        " 760000000",
        "1.76000000",
        "1760000000\n",
        "１７６００００００",
        "٠٧٦٠٠٠٠٠٠٠",
    ],
)
def test_any_other_time_stamp_is_stale(timestamp):
    with pytest.raises(Stale):
        check_fresh(timestamp, NOW, timedelta(seconds=300))


def _sealed_without_padding(plain: bytes) -> str:
    cipher = PaddedCipher(base64.b64decode(KEY + "="))
    # The cipher pads to 32 by itself: cut its last blocks off again, CBC allows it.
    return base64.b64encode(cipher.encrypt(plain)[: len(plain)]).decode()
