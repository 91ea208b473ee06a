"""The vendor's archive library in a process of its own, held against a C stub where cc is found."""

import asyncio
import base64
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from bot.domain.errors import ContentRefused, CredentialRefused, Unreachable
from bot.domain.messages import IncomingMessage
from bot.platforms.base import Taken
from bot.platforms.wecom.archive import ArchiveLibrary, ArchivePuller
from bot.platforms.wecom.archive_wire import ArchiveReader
from bot.platforms.wecom.native import NativeArchive

COMPILER = shutil.which("cc")
SOURCE = Path(__file__).with_name("finance_sdk_stub.c")
ENOUGH = "a sealed record of more than thirteen"

pytestmark = pytest.mark.skipif(COMPILER is None, reason="needs a C compiler (cc)")


@pytest.fixture(scope="module")
def stub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    built = tmp_path_factory.mktemp("stub") / "libWeWorkFinanceSdk_C.so"
    subprocess.run(
        [str(COMPILER), "-shared", "-fPIC", "-o", str(built), str(SOURCE)],
        check=True,
        capture_output=True,
    )
    return built


@pytest.fixture
async def native(stub: Path, tmp_path: Path) -> AsyncIterator[NativeArchive]:
    batch = tmp_path / "batch.json"
    batch.write_bytes(b'{"errcode":0,"chatdata":[]}')
    archive = NativeArchive(stub, corp_id="ww", secret=str(batch), seconds=10)
    yield archive
    await archive.aclose()


async def test_a_batch_comes_through_the_pipe(native):
    library: ArchiveLibrary = native

    assert orjson.loads(await library.get_chat_data(0, 1000)) == {"errcode": 0, "chatdata": []}


async def test_a_sequence_number_keeps_its_64_bits(native):
    assert await native.get_chat_data(2**64 - 1, 10) == b'{"seq":18446744073709551615}'


async def test_a_record_may_hold_zero_bytes_and_any_letter(native):
    assert await native.decrypt("nul", ENOUGH) == b"a\0b"
    assert (
        await native.decrypt("k", '{"content":"今晚\\n截图"}')
    ).decode() == '{"content":"今晚\\n截图"}'


async def test_calls_at_the_same_time_do_not_mix(native):
    answers = await asyncio.gather(*(native.decrypt("k", f"{ENOUGH}{n}") for n in range(30)))

    assert answers == [f"{ENOUGH}{n}".encode() for n in range(30)]


async def test_a_short_record_never_reaches_the_library_that_would_abort(native):
    with pytest.raises(ContentRefused, match="short"):
        await native.decrypt("k", "x" * 12)


async def test_a_record_that_ends_the_library_is_passed_over_and_the_next_one_opens(native):
    with pytest.raises(ContentRefused, match="worker"):
        await native.decrypt("crash", ENOUGH)

    assert await native.decrypt("k", ENOUGH) == ENOUGH.encode()


async def test_a_wrong_key_is_the_librarys_own_code(native):
    with pytest.raises(ContentRefused, match="10008"):
        await native.decrypt("wrong", ENOUGH)

    assert await native.decrypt("k", ENOUGH) == ENOUGH.encode()


async def test_an_address_that_is_not_trusted_is_told_to_the_operator(stub):
    archive = NativeArchive(stub, corp_id="wrong", secret="s")

    with pytest.raises(CredentialRefused, match="10009"):
        await archive.get_chat_data(0, 1)
    await archive.aclose()


async def test_a_network_error_is_tried_again_with_a_fresh_library(stub, tmp_path):
    batch = tmp_path / "later.json"
    archive = NativeArchive(stub, corp_id="ww", secret=str(batch))

    with pytest.raises(Unreachable, match="10001"):
        await archive.get_chat_data(0, 1)
    batch.write_bytes(b"{}")

    assert await archive.get_chat_data(0, 1) == b"{}"
    await archive.aclose()


@pytest.mark.parametrize("content", [None, b"", b"\x7fELF but no library"])
async def test_a_library_that_cannot_be_loaded_is_named(tmp_path, content):
    path = tmp_path / "libWeWorkFinanceSdk_C.so"
    if content is not None:
        path.write_bytes(content)
    archive = NativeArchive(path, corp_id="ww", secret="s")

    with pytest.raises(CredentialRefused, match="library"):
        await archive.get_chat_data(0, 1)
    await archive.aclose()


async def test_a_cancelled_call_leaves_nothing_out_of_step(native):
    call = asyncio.create_task(native.decrypt("k", ENOUGH + "1"))
    await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call

    assert await native.decrypt("k", ENOUGH + "2") == (ENOUGH + "2").encode()


async def test_the_puller_reads_a_batch_through_it(stub, tmp_path):
    key = rsa.generate_private_key(65537, 2048)
    said = {
        "msgid": "1",
        "action": "send",
        "from": "wang.fang",
        "roomid": "wrJaw",
        "msgtime": 1788238800000,
        "msgtype": "text",
        "text": {"content": "今晚截图"},
    }
    row = {
        "seq": 7,
        "msgid": "1",
        "publickey_ver": 1,
        "encrypt_random_key": base64.b64encode(
            key.public_key().encrypt(b"a-printable-key", PKCS1v15())
        ).decode(),
        "encrypt_chat_msg": orjson.dumps(said).decode(),
    }
    batch = tmp_path / "batch.json"
    batch.write_bytes(orjson.dumps({"errcode": 0, "chatdata": [row]}))
    taken: list[str] = []
    cursors: dict[str, str] = {}

    class Cursors:
        async def get(self, name: str) -> str | None:
            return cursors.get(name)

        async def put(self, name: str, value: str) -> None:
            cursors[name] = value

    async def take(message: IncomingMessage) -> Taken:
        taken.append(message.text.reveal())
        return Taken()

    async def never(_seconds: float) -> None:
        raise AssertionError("one round does not wait")

    native = NativeArchive(stub, corp_id="ww", secret=str(batch))
    puller = ArchivePuller(
        library=native,
        reader=ArchiveReader("ww"),
        keys={1: key},
        front_desk=take,
        cursors=Cursors(),
        happened=lambda _name: None,
        troubled=lambda _error: None,
        caught_up=lambda: None,
        wait=never,
        jitter=lambda: 0.0,
    )

    assert await puller.pull_once() == 1
    await native.aclose()

    assert taken == ["今晚截图"]
    assert cursors == {"wecom_archive:ww": "7"}
