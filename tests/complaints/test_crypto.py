"""Known answers, and that nothing opens with what it was not sealed for."""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import replace

import pytest
from Crypto.Protocol.SecretSharing import Shamir
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.crypto.envelopes import open_envelope, seal_for, slots
from bot.crypto.international import International
from bot.crypto.office_keys import decode_office_key, encode_office_key
from bot.crypto.receipt_keys import MOST_WAITING, DerivedReceiptKeys, WorkerStretch
from bot.crypto.shares import (
    decode_share,
    encode_share,
    join_shares,
    lock_share,
    split_secret,
    unlock_share,
)
from bot.crypto.signed_lines import decode_signed, encode_signed
from bot.domain.errors import BadInput, StoreError, Undecipherable
from bot.domain.receipts import Receipt
from handlers.complaints.ports import BoxFull
from tests.complaints.house import CHEAP, PROVIDER, WEEK, new_office, quick

SUNSCREEN = (
    b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the "
    b"future, sunscreen would be it."
)


def test_xchacha20_poly1305_gives_the_vector_of_its_draft():
    """draft-irtf-cfrg-xchacha-03, A.3.1."""
    nonce = bytes(range(0x40, 0x58))
    provider = International(lambda _: nonce)
    key, context = bytes(range(0x80, 0xA0)), bytes.fromhex("50515253c0c1c2c3c4c5c6c7")

    sealed = provider.encrypt(key, SUNSCREEN, context)

    assert sealed[:24] == nonce
    assert sealed[24:].hex() == (
        "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f"
        "4eda7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f"
        "76b2383565d3fff921f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49"
    )
    assert provider.decrypt(key, sealed, context) == SUNSCREEN


def test_x25519_gives_the_vector_of_rfc_7748():
    secret = bytes.fromhex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")

    assert PROVIDER.exchange_public(secret).hex() == (
        "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"
    )


def test_ed25519_gives_the_first_vector_of_rfc_8032():
    secret = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    signature = PROVIDER.sign(secret, b"")

    assert PROVIDER.signing_public(secret).hex() == (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    )
    assert signature.hex() == (
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e3970"
        "1cf9b46bd25bf5f0595bbe24655141438e7a100b"
    )
    assert PROVIDER.verify(PROVIDER.signing_public(secret), b"", signature)
    assert not PROVIDER.verify(PROVIDER.signing_public(secret), b"x", signature)
    assert not PROVIDER.verify(b"short", b"", signature)


@pytest.mark.parametrize(
    ("memory_kib", "expected"),
    [
        (256, "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe"),
        (65536, "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7"),
    ],
)
async def test_argon2id_gives_the_vectors_of_its_reference(memory_kib, expected):
    """Two passes, one lane; the worker gives the same as the provider."""
    assert PROVIDER.stretch(b"password", b"somesalt", memory_kib, 2).hex() == expected
    assert (await WorkerStretch(b"somesalt", memory_kib, 2)(b"password")).hex() == expected


def test_shares_join_as_the_published_ones_do():
    """Vectors of the ssss tool."""
    shares = [
        (1, bytes.fromhex("594ae8964294174d95c33756d2504170")),
        (2, bytes.fromhex("d897459d29da574eb40e93ec552ffe6e")),
        (3, bytes.fromhex("5823de9bf0e068b054b5f07a28056b1b")),
    ]
    secret = bytes.fromhex("d9fe73909bae28b3757854c0af7ad405")

    assert Shamir.combine(shares[:2], ssss=True) == secret
    ours = [bytes([number]) + share + share for number, share in shares]
    for first, second in ((0, 1), (0, 2), (2, 1)):
        assert join_shares(ours[first], ours[second]) == secret + secret


@given(st.binary(min_size=32, max_size=32))
@settings(max_examples=20)
def test_any_two_of_three_shares_give_the_secret_and_one_tells_nothing(secret):
    shares = split_secret(secret)

    for first in range(3):
        for second in range(3):
            if first != second:
                assert join_shares(shares[first], shares[second]) == secret
    assert all(secret[:16] not in share and secret[16:] not in share for share in shares)
    with pytest.raises(ValueError, match="different"):
        join_shares(shares[0], shares[0])


def test_one_share_fits_every_secret():
    """Whatever the secret is, some other share completes it: one share alone tells nothing."""
    share = split_secret(bytes(32))[0]
    joined = {join_shares(share, bytes([2]) + os.urandom(32)) for _ in range(50)}

    assert len(joined) == 50


def test_a_share_opens_with_its_passphrase_only_and_only_as_itself():
    key_id = os.urandom(8)
    share = split_secret(os.urandom(32))[1]
    locked = lock_share(share, "自己知道的一句话", key_id, PROVIDER, os.urandom, CHEAP)
    read = decode_share(encode_share(locked), "2.qzshare", PROVIDER)

    assert unlock_share(read, "自己知道的一句话", PROVIDER) == share
    with pytest.raises(Undecipherable):
        unlock_share(read, "自己知道的一句活", PROVIDER)
    swapped = encode_share(locked).replace(b'"share": 2', b'"share": 3')
    with pytest.raises(Undecipherable):
        unlock_share(decode_share(swapped, "x", PROVIDER), "自己知道的一句话", PROVIDER)


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff", b'{"format": "other"}'])
def test_what_is_no_share_or_key_is_refused_by_name(data):
    with pytest.raises(BadInput, match=r"1\.qzshare"):
        decode_share(data, "1.qzshare", PROVIDER)
    with pytest.raises(BadInput, match=r"a\.qzpub"):
        decode_office_key(data, "a.qzpub", PROVIDER)


def sealed(office, purpose="note", readers=None, plain=b"words"):
    return seal_for(
        PROVIDER,
        plain,
        purpose=purpose,
        week=WEEK,
        keys=[office.key],
        readers={office.key.id} if readers is None else readers,
        token_bytes=os.urandom,
    )


def opened(office, envelope, purpose="note"):
    return open_envelope(
        PROVIDER, envelope, purpose=purpose, key_id=office.key.id, secret=office.opening
    )


def test_an_envelope_opens_for_its_office_its_purpose_and_nobody_else():
    office, other = new_office(), new_office()
    envelope = sealed(office)

    assert opened(office, envelope) == (WEEK, b"words")
    for attempt in (
        lambda: opened(other, envelope),
        lambda: opened(office, envelope, "unit"),
        lambda: opened(office, sealed(office, readers=())),
        lambda: opened(office, envelope[:-1]),
        lambda: opened(office, b""),
        lambda: open_envelope(
            PROVIDER, envelope, purpose="note", key_id=office.key.id, secret=other.opening
        ),
    ):
        with pytest.raises(Undecipherable):
            attempt()


def test_a_slot_moved_to_another_key_does_not_open():
    """The key id is inside the sealed box: a relabelled slot is found out."""
    office = new_office()
    envelope = bytearray(sealed(office))
    envelope[4:12] = b"otherkey"

    with pytest.raises(Undecipherable, match="another key"):
        open_envelope(
            PROVIDER, bytes(envelope), purpose="note", key_id=b"otherkey", secret=office.opening
        )


@given(st.integers(0, 10**6), st.integers(1, 255))
@settings(max_examples=60)
def test_any_changed_byte_keeps_an_envelope_shut(place, change):
    office = _OFFICE
    envelope = bytearray(_ENVELOPE)
    envelope[place % len(envelope)] ^= change

    with pytest.raises(Undecipherable):
        opened(office, bytes(envelope))


_OFFICE = new_office()
_ENVELOPE = sealed(_OFFICE)


def test_an_office_that_is_not_to_read_has_a_slot_like_the_others():
    reads, other = new_office("a"), new_office("b")
    envelope = seal_for(
        PROVIDER,
        b"words",
        purpose="note",
        week=WEEK,
        keys=[reads.key, other.key],
        readers={reads.key.id},
        token_bytes=os.urandom,
    )

    assert set(slots(envelope, PROVIDER)) == {reads.key.id, other.key.id}
    assert len({len(box) for box in slots(envelope, PROVIDER).values()}) == 1
    assert opened(reads, envelope) == (WEEK, b"words")
    with pytest.raises(Undecipherable):
        opened(other, envelope)


async def test_a_receipt_derives_as_the_sheet_says():
    """HKDF and HMAC by hand: lookup and reply key of a receipt must never change."""
    keys = DerivedReceiptKeys(PROVIDER, b"p" * 32, quick, os.urandom)
    receipt = Receipt("123456789012345678")

    pair = await keys.of(receipt)

    prk = hmac.digest(b"p" * 32, hashlib.sha256(b"123456789012345678").digest(), "sha256")
    extracted = hmac.digest(b"qingzhuang/1", prk, "sha256")
    assert pair.lookup == hmac.digest(extracted, b"lookup\x01", "sha256")[:16]
    secret = hmac.digest(extracted, b"reply\x01", "sha256")
    assert pair.public == PROVIDER.exchange_public(secret)
    assert pair.lookup.hex() not in repr(pair)


async def test_another_pepper_finds_nothing():
    receipt = Receipt("123456789012345678")
    pairs = [
        await DerivedReceiptKeys(PROVIDER, pepper, quick, os.urandom).of(receipt)
        for pepper in (b"p" * 32, b"q" * 32)
    ]

    assert pairs[0].lookup != pairs[1].lookup


async def test_one_derivation_runs_at_a_time_and_a_few_wait():
    import asyncio

    running, most = 0, 0

    async def slow(secret: bytes) -> bytes:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return await quick(secret)

    keys = DerivedReceiptKeys(PROVIDER, b"p" * 32, slow, os.urandom)
    tasks = [keys.of(Receipt(f"{n:018d}")) for n in range(MOST_WAITING + 3)]
    done = await asyncio.gather(*tasks, return_exceptions=True)

    assert most == 1
    assert sum(isinstance(each, BoxFull) for each in done) == 3
    assert sum(not isinstance(each, Exception) for each in done) == MOST_WAITING


async def test_a_worker_that_cannot_is_an_error_and_no_weak_key():
    with pytest.raises(StoreError, match="derived"):
        await WorkerStretch(b"short", 64, 1)(b"x")  # a salt that Argon2 refuses


def test_dummy_pairs_hold_true_public_keys():
    """Half of all 32-byte strings are no key of X25519; a dummy must not be told by that."""
    keys = DerivedReceiptKeys(PROVIDER, b"p" * 32, quick, os.urandom)

    for _ in range(64):
        public = int.from_bytes(keys.of_nobody().public, "little")
        assert public < 2**255 - 19
        assert _is_on_curve(public)


def _is_on_curve(x: int) -> bool:
    """Whether x³ + 486662x² + x is a square modulo 2²⁵⁵ − 19, by Euler's criterion."""
    prime = 2**255 - 19
    right = (x**3 + 486662 * x**2 + x) % prime
    return pow(right, (prime - 1) // 2, prime) in (0, 1)


def test_the_curve_test_tells_random_bytes_from_keys():
    """The negative control: of random strings about half lie on the twist."""
    off = sum(not _is_on_curve(int.from_bytes(os.urandom(31), "little")) for _ in range(200))

    assert 50 < off < 150


@given(st.integers(0, 10**6), st.integers(1, 255))
@settings(max_examples=60)
def test_any_changed_byte_of_a_signed_file_is_found(place, change):
    data = bytearray(_SIGNED)
    data[place % len(data)] ^= change
    if bytes(data).rstrip(b"\n") == _SIGNED.rstrip(b"\n"):
        return  # only the last line's end

    with pytest.raises(BadInput):
        decode_signed(bytes(data), "x", "f/1", lambda _: _OFFICE.key.sign, PROVIDER)


_SIGNED = encode_signed(
    {"format": "f/1", "provider": "intl", "key": "k"}, [{"a": 1}, {"b": "字"}], _OFFICE.sign
)


def test_a_signed_file_is_read_and_a_cut_one_is_not():
    def read(data: bytes, public=_OFFICE.key.sign):
        return decode_signed(data, "x", "f/1", lambda _: public, PROVIDER)

    assert [dict(row) for row in read(_SIGNED).rows] == [{"a": 1}, {"b": "字"}]
    lines = _SIGNED.splitlines(keepends=True)
    for wrong in (b"".join(lines[:-1]), b"".join([lines[0], *lines[2:]]), lines[0], b"", b"[]"):
        with pytest.raises(BadInput):
            read(wrong)
    with pytest.raises(BadInput, match=r"expected\.entered_key"):
        read(_SIGNED, None)
    with pytest.raises(BadInput, match=r"expected\.signed"):
        read(_SIGNED, new_office().key.sign)


@pytest.mark.parametrize("office", ["../../etc/x", "a/b", "", ".hidden", 5])
def test_a_key_whose_office_is_no_code_is_refused_however_well_it_is_signed(office):
    """Its file is named after the office: it must not lead out of the folder."""
    signing = os.urandom(32)
    key = replace(new_office().key, office=office, sign=PROVIDER.signing_public(signing))
    data = encode_office_key(key, lambda said: PROVIDER.sign(signing, said))

    with pytest.raises(BadInput, match=r"a\.qzpub"):
        decode_office_key(data, "a.qzpub", PROVIDER)
