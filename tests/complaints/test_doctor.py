"""What the doctor says of the complaint box, and that looking makes nothing."""

from __future__ import annotations

import os
import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.domain.errors import BadInput, LostPepper
from bot.domain.periods import Week
from bot.terminal.doctor_complaints import complaint_box
from bot.wiring.complaints import open_complaints
from config.load import load_texts
from config.settings import ComplaintSettings, Settings
from tests.complaints.house import MovedClock, new_office

TEXTS = load_texts("zh-CN")
CLOCK = MovedClock(datetime(2026, 10, 26, 4, tzinfo=UTC))


@pytest.fixture
def settings(tmp_path, monkeypatch):
    for name in [name for name in os.environ if name.startswith("QZ_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return Settings(
        data_dir=tmp_path / "data",
        complaints=ComplaintSettings(kdf_memory_kib=19 * 1024, kdf_passes=2),
    )


@pytest.fixture
def with_key(settings, office):
    settings.office_key_dir.mkdir(parents=True)
    (settings.office_key_dir / "county.qzpub").write_bytes(office.public_file())
    return settings


async def begun(settings: Settings) -> None:
    from contextlib import AsyncExitStack

    async with AsyncExitStack() as resources:
        await open_complaints(settings, CLOCK, secrets.token_bytes, dict, resources)


async def told(settings: Settings, clock=CLOCK) -> dict[str, str]:
    return {remark: verdict for verdict, remark in await complaint_box(settings, clock, TEXTS)}


def one_of(found: dict[str, str], words: str) -> str:
    (verdict,) = [verdict for remark, verdict in found.items() if words in remark]
    return verdict


async def test_without_a_key_it_says_that_complaints_are_closed(settings):
    found = await told(settings)

    assert one_of(found, "投诉未开通") == "warn"
    assert len(found) == 1
    assert not settings.data_dir.exists()


async def test_a_key_is_shown_with_fingerprint_and_age_and_nothing_is_made(with_key, office):
    found = await told(with_key)

    assert one_of(found, office.key.fingerprint) == "ok"
    assert one_of(found, "首次运行时会建：") == "ok"
    assert one_of(found, "投诉库还没有") == "ok"
    assert not (with_key.data_dir / "complaints.db").exists()
    assert not with_key.pepper_dir.exists()


async def test_a_key_older_than_a_quarter_is_to_be_followed(with_key):
    late = MovedClock(datetime(2027, 2, 10, tzinfo=UTC))

    assert one_of(await told(with_key, late), "请办公室换新") == "warn"


async def test_the_newest_key_of_each_office_counts(with_key):
    for office, name in (("county", "newer"), ("town", "town")):
        made = new_office(office, Week(2027, 5))
        (with_key.office_key_dir / f"{name}.qzpub").write_bytes(made.public_file())
    late = MovedClock(datetime(2027, 2, 10, tzinfo=UTC))

    found = await told(with_key, late)

    assert sum("指纹" in remark for remark in found) == 2
    assert all("请办公室换新" not in remark for remark in found)


async def test_a_damaged_key_is_named(with_key):
    path = with_key.office_key_dir / "county.qzpub"
    path.write_bytes(path.read_bytes()[:-40])

    assert one_of(await told(with_key), "county.qzpub") == "bad"


async def test_what_was_begun_is_verified(with_key):
    await begun(with_key)

    found = await told(with_key)

    assert one_of(found, "安全设置已核对") == "ok"
    assert one_of(found, "佐料文件只限本账号") == "ok"


@pytest.mark.parametrize("name", ["", "pepper", "salt"])
async def test_a_pepper_that_others_can_read_is_unfit(with_key, name):
    await begun(with_key)
    (with_key.pepper_dir / name).chmod(0o755)

    assert one_of(await told(with_key), "chmod") == "bad"


async def test_a_lost_pepper_is_unfit_and_the_bot_does_not_start(with_key):
    await begun(with_key)
    (with_key.pepper_dir / "pepper").unlink()

    assert one_of(await told(with_key), "以前的回执都查不了") == "bad"
    with pytest.raises(LostPepper, match="pepper"):
        await begun(with_key)
    assert not (with_key.pepper_dir / "pepper").exists(), "a new one would hide that it is lost"


async def test_another_cost_of_deriving_is_unfit(with_key):
    await begun(with_key)
    dearer = with_key.model_copy(
        update={"complaints": ComplaintSettings(kdf_memory_kib=20 * 1024, kdf_passes=2)}
    )

    assert one_of(await told(dearer), "不配套") == "bad"


async def test_the_books_are_no_place_for_complaints(with_key):
    shared = with_key.model_copy(
        update={"complaints": ComplaintSettings(url=with_key.database_url)}
    )

    with pytest.raises(BadInput, match=r"expected\.own_database"):
        await begun(shared)


async def test_a_store_that_cannot_be_read_is_unfit(with_key):
    await begun(with_key)
    Path(with_key.data_dir / "complaints.db").write_bytes(b"no database at all" * 400)

    assert one_of(await told(with_key), "QZ_COMPLAINTS__URL") == "bad"


async def test_it_says_whether_figures_can_be_checked_before_they_are_printed(
    settings, with_key, monkeypatch
):
    assert one_of(await told(settings), "泄露检验：求解器可用，每次限时60秒") == "ok"

    monkeypatch.setitem(sys.modules, "highspy", None)  # as where it is not installed

    assert one_of(await told(settings), "没有安装求解器") == "warn"


async def test_it_says_which_algorithms_seal_and_that_they_are_not_certified(with_key):
    assert one_of(await told(with_key), "不是经认证的国密模块") == "ok"
