"""The archive is pulled in order, resumed where it stopped, and never loses or doubles a message."""

import asyncio
import base64
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from bot.domain.errors import BadInput, BooksUnavailable, CredentialRefused, Unreachable
from bot.domain.messages import IncomingMessage
from bot.platforms.base import Taken
from bot.platforms.wecom.archive import ArchiveLibrary, ArchivePuller, load_private_keys, unlock
from bot.platforms.wecom.archive_wire import ArchiveReader
from bot.standins.faults import Fault
from bot.standins.wecom_archive import StandinArchive

CORP = "ww0123456789abcdef"
_DRAW = random.Random(3)


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


class Killed(BaseException):
    """The process ends here: nobody catches it."""


@dataclass
class Durable:
    """What outlives the process: the cursor, and the front desk's tags."""

    cursors: dict[str, str] = field(default_factory=dict)
    counted: list[str] = field(default_factory=list)
    offered: int = 0
    dies_at: int | None = None
    closed: bool = False

    async def get(self, name: str) -> str | None:
        return self.cursors.get(name)

    async def put(self, name: str, value: str) -> None:
        self.cursors[name] = value

    async def take(self, message: IncomingMessage) -> Taken:
        self.offered += 1
        if self.offered == self.dies_at:
            raise Killed
        if self.closed:
            raise BooksUnavailable
        words = message.text.reveal()
        if words not in self.counted:
            self.counted.append(words)
        return Taken()


@dataclass
class Pull:
    puller: ArchivePuller
    happened: Counter[str]
    troubles: list[Exception]
    waits: list[float]
    caught_up: list[int]


def pull(archive: StandinArchive, durable: Durable, *, batch: int = 10, rounds: int = 0) -> Pull:
    happened: Counter[str] = Counter()
    waits: list[float] = []

    async def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) >= rounds:
            raise asyncio.CancelledError

    troubles: list[Exception] = []
    caught_up: list[int] = []
    puller = ArchivePuller(
        library=archive,
        reader=ArchiveReader(CORP, "轻装"),
        keys=dict(archive.private_keys),
        front_desk=durable.take,
        cursors=durable,
        happened=lambda name: happened.update([name]),
        troubled=troubles.append,
        caught_up=lambda: caught_up.append(len(waits)),
        wait=wait,
        jitter=lambda: 1.0,
        batch=batch,
    )
    return Pull(puller, happened, troubles, waits, caught_up)


async def pull_all(archive: StandinArchive, durable: Durable, *, batch: int = 10) -> None:
    """A new process each time: all that it knows is what is durable."""
    while await pull(archive, durable, batch=batch).puller.pull_once():
        pass


def record(number: int, **fields: object) -> dict[str, object]:
    return {
        "msgid": f"{number}_1",
        "action": "send",
        "from": "wang.fang",
        "roomid": "wrJaw",
        "msgtime": 1788238800000 + number,
        "msgtype": "text",
        "text": {"content": f"第{number}条"},
        **fields,
    }


@pytest.fixture
def archive(key: rsa.RSAPrivateKey) -> StandinArchive:
    return StandinArchive(_DRAW.randbytes, keys={1: key})


def filled(archive: StandinArchive, count: int) -> list[str]:
    for number in range(count):
        archive.add(record(number))
    return [f"第{number}条" for number in range(count)]


async def test_everything_is_handed_over_in_order(archive):
    expected, durable = filled(archive, 25), Durable()
    pulling = pull(archive, durable)

    counts = [await pulling.puller.pull_once() for _ in range(4)]

    assert counts == [10, 10, 5, 0]
    assert durable.counted == expected
    assert pulling.puller.reached is not None


@pytest.mark.parametrize("dies_at", [1, 2, 9, 10, 11, 17, 25])
async def test_killed_in_the_middle_of_a_batch_it_resumes_without_loss_or_double(archive, dies_at):
    expected, durable = filled(archive, 25), Durable(dies_at=dies_at)

    with pytest.raises(Killed):
        await pull_all(archive, durable)
    await pull_all(archive, durable)

    assert durable.counted == expected


async def test_killed_at_every_message_in_turn_it_still_gets_through(archive):
    expected, durable = filled(archive, 12), Durable()

    for dies_at in range(1, 13):
        durable.dies_at = durable.offered + dies_at
        with pytest.raises(Killed):
            await pull_all(archive, durable, batch=20)
    durable.dies_at = None
    await pull_all(archive, durable)

    assert durable.counted == expected


async def test_the_cursor_stays_when_the_books_are_closed(archive):
    expected, durable = filled(archive, 5), Durable(closed=True)
    pulling = pull(archive, durable)

    with pytest.raises(BooksUnavailable):
        await pulling.puller.pull_once()
    assert durable.cursors == {}
    durable.closed = False
    await pulling.puller.pull_once()

    assert durable.counted == expected


async def test_what_is_no_group_message_is_counted_by_name_and_passed_over(archive):
    archive.add(record(1, roomid=""))
    archive.add(record(2, action="recall", msgtype="revoke", revoke={"pre_msgid": "1_1"}))
    archive.add({"msgid": "3", "action": "switch", "time": 1, "user": "u"})
    archive.add_raw(b"\x00 no json", "4")
    archive.add_raw(orjson.dumps(["a list"]), "5")
    archive.add(record(6))
    durable = Durable()
    pulling = pull(archive, durable)

    await pulling.puller.pull_once()

    assert durable.counted == ["第6条"]
    assert pulling.happened == {
        "direct_talk": 1,
        "recalled": 1,
        "switched": 1,
        "undecipherable": 2,
    }


async def test_old_records_open_under_old_keys(archive):
    archive.add(record(1))
    archive.rotate_key()
    archive.add(record(2))
    durable = Durable()

    await pull(archive, durable).puller.pull_once()

    assert durable.counted == ["第1条", "第2条"]


@pytest.mark.parametrize("mistake", ["missing", "wrong"])
async def test_a_key_that_is_missing_or_wrong_stops_the_cursor_until_it_is_mended(
    archive, mistake
):
    expected, durable = filled(archive, 3), Durable()
    pulling = pull(archive, durable)
    other = {1: rsa.generate_private_key(65537, 2048)} if mistake == "wrong" else {}
    pulling.puller.keys = other

    with pytest.raises(CredentialRefused):
        await pulling.puller.pull_once()
    assert durable.cursors == {}
    pulling.puller.keys = archive.private_keys
    await pulling.puller.pull_once()

    assert durable.counted == expected


async def test_a_damaged_key_field_beside_good_ones_does_not_stop_the_cursor(archive):
    filled(archive, 3)
    durable = Durable()

    class FirstIsDamaged:
        async def get_chat_data(self, seq: int, limit: int) -> bytes:
            batch = orjson.loads(await archive.get_chat_data(seq, limit))
            batch["chatdata"][0]["encrypt_random_key"] = base64.b64encode(bytes(256)).decode()
            return orjson.dumps(batch)

        decrypt: Callable[..., object] = staticmethod(archive.decrypt)

    pulling = pull(archive, durable)
    pulling.puller.library = FirstIsDamaged()

    await pulling.puller.pull_once()

    assert durable.counted == ["第1条", "第2条"]
    assert pulling.happened == {"undecipherable": 1}


async def test_a_wrong_key_never_opens_by_chance(key):
    """With implicit rejection a wrong key gives random bytes instead of an error."""
    other = StandinArchive(_DRAW.randbytes)
    for number in range(300):
        other.add(record(number))
    batch = orjson.loads(await other.get_chat_data(0, 300))

    for row in batch["chatdata"]:
        with pytest.raises(CredentialRefused, match="10006"):
            unlock({1: key}, 1, row["encrypt_random_key"])


async def test_failures_slow_it_down_and_never_end_it(archive):
    expected, durable = filled(archive, 3), Durable()
    archive.faults.plan(Fault.SERVER_ERROR, "archive", times=7)
    pulling = pull(archive, durable, rounds=8)

    with pytest.raises(asyncio.CancelledError):
        await pulling.puller.run()

    assert pulling.waits == [15, 30, 60, 120, 240, 300, 300, 15]
    assert [type(trouble) for trouble in pulling.troubles] == [Unreachable] * 7
    assert durable.counted == expected


async def test_a_full_batch_is_followed_at_once_by_the_next(archive):
    filled(archive, 35)
    durable = Durable()
    pulling = pull(archive, durable, rounds=1)

    with pytest.raises(asyncio.CancelledError):
        await pulling.puller.run()

    assert len(durable.counted) == 35
    assert pulling.waits == [15]


async def test_it_has_caught_up_when_a_batch_is_not_full(archive):
    filled(archive, 25)
    found = pull(archive, Durable(), batch=10, rounds=1)
    with pytest.raises(asyncio.CancelledError):
        await found.puller.run()
    assert found.caught_up == [0]


async def test_a_batch_that_is_too_big_is_asked_for_in_halves(archive):
    expected, durable = filled(archive, 20), Durable()

    class Narrow:
        """Gives at most three records at a time."""

        asked: list[int] = []  # noqa: RUF012  one test, one list

        async def get_chat_data(self, seq: int, limit: int) -> bytes:
            self.asked.append(limit)
            if limit > 3:
                return b'{"errcode":301058,"errmsg":"response too big"}'
            return await archive.get_chat_data(seq, limit)

        async def decrypt(self, random_key: str, encrypt_chat_msg: str) -> bytes:
            return await archive.decrypt(random_key, encrypt_chat_msg)

    pulling = pull(archive, durable, rounds=1)
    pulling.puller.library = Narrow()
    while await pulling.puller.pull_once():
        pass

    assert durable.counted == expected
    assert Narrow.asked[:3] == [10, 5, 2]


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"[]",
        b"{",
        b'{"errcode":0,"chatdata":[{}]}',
        b'{"errcode":0,"chatdata":[{"seq":"x"}]}',
        b'{"errcode":0,"chatdata":5}',
    ],
)
async def test_a_batch_that_cannot_be_read_moves_nothing(archive, damage):
    durable = Durable()

    class Damaged:
        async def get_chat_data(self, seq: int, limit: int) -> bytes:
            return damage

        async def decrypt(self, random_key: str, encrypt_chat_msg: str) -> bytes:
            raise AssertionError("there is nothing to open")

    pulling = pull(archive, durable)
    pulling.puller.library = Damaged()

    with pytest.raises(Unreachable):
        await pulling.puller.pull_once()
    assert durable.cursors == {}


@pytest.mark.parametrize(
    ("change", "opened"),
    [
        (lambda row: row | {"encrypt_chat_msg": "short"}, 0),
        (lambda row: row | {"encrypt_chat_msg": base64.b64encode(bytes(64)).decode()}, 0),
        (lambda row: row | {"encrypt_random_key": "not base64!"}, 0),
        (lambda row: row | {"encrypt_random_key": "QUJD"}, 0),
        (lambda row: row, 1),
    ],
)
async def test_one_damaged_record_is_passed_over(archive, change, opened):
    filled(archive, 1)
    durable = Durable()

    class Changed:
        async def get_chat_data(self, seq: int, limit: int) -> bytes:
            batch = orjson.loads(await archive.get_chat_data(seq, limit))
            batch["chatdata"] = [change(row) for row in batch["chatdata"]]
            return orjson.dumps(batch)

        decrypt: Callable[..., object] = staticmethod(archive.decrypt)

    pulling = pull(archive, durable)
    pulling.puller.library = Changed()

    await pulling.puller.pull_once()

    assert len(durable.counted) == opened
    assert pulling.happened["undecipherable"] == 1 - opened
    assert durable.cursors


def test_keys_are_read_from_pem_files(tmp_path, key):
    path = tmp_path / "v3.pem"
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))

    loaded = load_private_keys({3: path})

    assert loaded[3].private_numbers() == key.private_numbers()


@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN NOTHING-----", "public", "curve"])
def test_a_key_file_that_is_none_is_named(tmp_path, key, content):
    path = tmp_path / "v3.pem"
    if content == "public":
        content = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    if content == "curve":
        other = ec.generate_private_key(ec.SECP256R1())
        content = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(BadInput, match=r"v3\.pem: private_keys\.3"):
        load_private_keys({3: path})


def test_the_stand_in_keeps_the_librarys_protocol(archive):
    library: ArchiveLibrary = archive

    assert library
