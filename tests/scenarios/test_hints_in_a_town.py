"""Hints that need days to pass: roll calls that move to another group, a group gone silent."""

from __future__ import annotations

from pathlib import Path

from tests.scenarios.town import CIVIL, ROLL_CALLS, SAFETY, Town, a_town


async def roll_calls(town: Town, day: str, group: str) -> None:
    for hour, text in zip((9, 10, 15, 16), ROLL_CALLS, strict=True):
        await town.say(f"{day} {hour:02}:10", group, text)


def told(town: Town, words: str) -> list[str]:
    return [parcel.destination.id.reveal() for parcel, _ in town.heard if words in parcel.markdown]


async def test_roll_calls_that_move_to_another_group_are_told_to_the_office_once(
    tmp_path: Path,
) -> None:
    async with a_town(tmp_path, "2026-11-02 08:00") as town:
        await roll_calls(town, "2026-11-03", CIVIL)
        assert told(town, "成倍增加") == []

        await roll_calls(town, "2026-11-04", SAFETY)
        await town.go_to("2026-11-06 18:00")

        assert told(town, "打卡接龙在一个工作群提示超限以后") == ["county-office"]


async def test_a_silent_group_is_told_of_once_a_month_and_a_busy_one_never(tmp_path: Path) -> None:
    async with a_town(tmp_path, "2026-10-12 08:00") as town:
        await town.say("2026-10-12 10:00", SAFETY, "各位早上好")
        for day in ("2026-10-26", "2026-11-09", "2026-11-18", "2026-11-25"):
            await town.say(f"{day} 10:00", CIVIL, "各位早上好")
        await town.go_to("2026-11-27 18:00")

        assert told(town, "天没有消息") == ["admin-safety"]


async def test_what_is_too_much_by_its_size_is_told_to_the_admin_once(tmp_path: Path) -> None:
    async with a_town(tmp_path, "2026-11-02 08:00") as town:
        long = "@所有人 请各村周五前报送排查情况表。" + "要求如下:逐户走访,逐项登记。" * 300
        await town.say("2026-11-04 09:10", CIVIL, long)
        await town.say(
            "2026-11-04 10:10", CIVIL, "@所有人 请各村书记周五上午9点到镇政府参加培训,会期两天"
        )

        await town.go_to("2026-11-06 10:00")

        said = "\n".join(town.told)
        assert said.count("全文超过4000字") == 1
        assert said.count("会期超过半天") == 1


async def test_a_secondment_is_told_to_the_office_at_once(tmp_path: Path) -> None:
    async with a_town(tmp_path, "2026-11-02 08:00") as town:
        await town.say(
            "2026-11-04 09:10",
            CIVIL,
            "@所有人 请各村抽调1名干部到镇专班跟班学习3个月,今天下班前报名单",
        )

        await town.go_to("2026-11-06 10:00")

        to_office = [one for one in town.told if "county-office" in one.splitlines()[0]]
        assert len([one for one in to_office if "超过限额：借调抽调" in one]) == 1
