"""A burden told in private, through the front desk, as a member would."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.complaint_dialogue import Say
from bot.domain.complaints import Answer, CaseState, Category, ClosingReason, Remedy
from bot.domain.messages import Form
from bot.domain.periods import Week
from bot.domain.private import PrivateText
from bot.domain.receipts import Receipt
from config.load import load_texts
from handlers.complaints.counters import Quotas
from handlers.complaints.words import ComplaintWords
from tests.scenarios.talking import FULL, OFFICE, PLAIN, TEXTS, Talking, talking

SHOWN = re.compile(r"\d{4}(?: \d{4}){4}")
UNKNOWN = Receipt("123456789012345678").shown()
NO_LIMIT = Quotas(a_day=10**6, a_week=10**6, asked_a_day=10**6, of_all_a_day=10**6)


@pytest.fixture
async def house() -> AsyncIterator[Talking]:
    async with talking() as made:
        yield made


def receipt_in(answer: str) -> str:
    found = SHOWN.search(answer)
    assert found, answer
    return found[0]


class TestTheWay:
    """From 投诉 to a receipt."""

    async def test_notice_category_unit_text_confirmation_receipt(self, house: Talking) -> None:
        notice = await house.say("投诉")
        category = await house.say("1 同意")
        unit = await house.say("3")
        text = await house.say("1")
        confirm = await house.say(PLAIN)
        receipt = await house.say("1")

        assert OFFICE in notice
        assert "A1B2" in notice
        assert "3 填表报数" in category
        assert "1 东街镇\n2 西河镇\n0 " in unit
        assert "小岭乡" not in unit, "a small unit is not offered"
        assert "2000字" in text
        assert "类别：填表报数" in confirm
        assert "单位：东街镇" in confirm
        ((kept, complaint),) = house.box.taken.items()
        assert receipt_in(receipt) == kept.shown()
        assert (complaint.category, complaint.unit) == (Category.FORM_FILLING, "东街镇")
        assert (complaint.body.reveal(), complaint.counts) == (PLAIN, True)
        assert complaint.week == Week(2026, 42)
        assert house.count.taken == []

    async def test_nothing_is_taken_before_the_notice_was_agreed_to(self, house: Talking) -> None:
        await house.say("/投诉 " + PLAIN)
        again = await house.say(PLAIN)

        assert again == TEXTS("complaints.say.again_notice")
        assert house.box.taken == {}

    @pytest.mark.parametrize(
        "word", ["投诉", "/投诉", "／投诉", "、吐槽", "complain", "/COMPLAINT", "反映"]
    )
    async def test_every_word_for_it_begins_it(self, house: Talking, word: str) -> None:
        assert (await house.say(word)).startswith("**不留名反映")

    async def test_a_burden_told_without_the_word_is_offered_the_same_and_not_kept(
        self, house: Talking
    ) -> None:
        offer = await house.say("晚上十点半还在群里要重发截图，孩子刚睡着又被电话吵醒，找谁反映")
        category = await house.say("1")

        assert offer.startswith(TEXTS("complaints.notice.offered"))
        assert category.startswith("要反映的是哪一类")
        assert "十点半" not in offer

    async def test_what_tells_who_it_was_is_shown_and_taken_out(self, house: Talking) -> None:
        for said in ("投诉", "1", "1", "0"):
            await house.say(said)

        check = await house.say("李书记10月14日晚上九点半要我补照片，我是东街镇的会计")
        await house.say("1")
        await house.say("1")

        assert "人名：李书记 → 某人" in check
        (complaint,) = house.box.taken.values()
        assert complaint.body.reveal() == "某人10月12日那周夜间要我补照片，我作为工作人员"
        assert complaint.unit == ""

    async def test_shown_words_call_on_nobody_and_are_no_markup(self, house: Talking) -> None:
        for said in ("投诉", "1", "1", "0"):
            await house.say(said)

        check = await house.say("@小赵 和 [点我](https://evil.example.com/x) **真的**受不了了")

        assert "@" not in check
        assert "](" not in check

    async def test_a_conversation_holds_for_one_person_only(self, house: Talking) -> None:
        await house.say("投诉", "li.hua")

        assert await house.say("1", "wang.wu") == TEXTS("complaints.say.none_going")

    async def test_the_same_id_on_two_platforms_is_two_people(self, house: Talking) -> None:
        await house.say("投诉", "li.hua", platform="dingtalk")

        answer = await house.say("1", "li.hua", platform="wecom")

        assert answer == TEXTS("complaints.say.none_going")

    async def test_commands_are_answered_in_between(self, house: Talking) -> None:
        for said in ("投诉", "1", "1", "0"):
            await house.say(said)

        help_shown = await house.say("/帮助")
        confirm = await house.say("隐私说得好听，每天照样要交二十张截图")

        assert help_shown.startswith("**轻装 · 指令**")
        assert confirm.startswith("**请核对**")

    async def test_pictures_are_refused_with_the_reason(self, house: Talking) -> None:
        for said in ("投诉", "1", "1", "0"):
            await house.say(said)

        refused = await house.say("[图片]", form=Form.IMAGE)
        confirm = await house.say(PLAIN)

        assert refused == TEXTS("complaints.say.text_only")
        assert confirm.startswith("**请核对**")


class TestItsEnd:
    """Cancelled, timed out, restarted, broken."""

    async def test_cancelled_it_leaves_nothing(self, house: Talking) -> None:
        for said in ("投诉", "1", "1", "0", PLAIN):
            await house.say(said)

        assert await house.say("取消") == TEXTS("complaints.say.cancelled")
        assert await house.say("1") == TEXTS("complaints.say.none_going")
        assert house.box.taken == {}

    @pytest.mark.parametrize("word", ["/取消", "／取消", "/cancel", "/退出"])
    async def test_a_slash_before_the_word_ends_it_too(self, house: Talking, word: str) -> None:
        for said in ("投诉", "1", "1"):
            await house.say(said)

        assert await house.say(word) == TEXTS("complaints.say.cancelled")
        assert await house.say(word) != TEXTS("complaints.say.cancelled")

    async def test_after_ten_minutes_it_is_forgotten_and_says_so(self, house: Talking) -> None:
        for said in ("投诉", "1", "1", "0", PLAIN):
            await house.say(said)
        house.pass_time(timedelta(minutes=10))

        assert await house.say("1") == TEXTS("complaints.say.none_going")

    async def test_the_words_go_after_ten_minutes_though_nobody_speaks(
        self, house: Talking
    ) -> None:
        for said in ("投诉", "1", "1", "0", PLAIN):
            await house.say(said)
        house.pass_time(timedelta(minutes=10))

        house.conversations.sweep()

        assert house.conversations._held == {}

    async def test_midnight_ends_it(self) -> None:
        before_midnight = datetime(2026, 10, 16, 15, 59, tzinfo=UTC)
        async with talking(start=before_midnight) as house:
            await house.say("投诉")
            house.pass_time(timedelta(minutes=2))

            assert await house.say("1") == TEXTS("complaints.say.none_going")

    async def test_a_restart_forgets_and_the_next_answer_says_so(self) -> None:
        async with talking() as before:
            await before.say("投诉")
        async with talking() as after:
            answer = await after.say("1")

        assert "重启" in answer

    async def test_a_full_box_can_be_tried_again_with_the_same_words(self, house: Talking) -> None:
        house.box.breaks = FULL
        refused = await house.complain()
        house.box.breaks = None
        receipt = await house.say("1")

        assert refused == TEXTS("complaint_box.full")
        assert receipt_in(receipt)
        assert len(house.box.taken) == 1

    async def test_where_no_office_has_a_key_nothing_is_asked(self, house: Talking) -> None:
        house.box.is_open = False

        for said in ("投诉", PLAIN):
            assert await house.say(said) == TEXTS("complaint_box.closed")

    async def test_what_breaks_leaves_no_line_until_the_day_is_over(self, house: Talking) -> None:
        house.box.breaks = KeyError("金丝雀")

        answer = await house.complain()
        asked = await house.say(UNKNOWN, "wang.wu")

        assert answer == asked == TEXTS("complaints.say.failed")
        assert house.written.lines == []
        assert house.conversations.yesterdays_failure() is None
        house.pass_time(timedelta(days=1))
        house.conversations.sweep()
        assert isinstance(house.conversations.yesterdays_failure(), KeyError)
        assert house.conversations.yesterdays_failure() is None

    async def test_an_impatient_second_answer_sends_nothing_twice(self, house: Talking) -> None:
        for said in ("投诉", "1", "1", "0", PLAIN):
            await house.say(said)
        house.box.slow = asyncio.Event()

        first = asyncio.create_task(house.say("1"))
        await asyncio.sleep(0)
        second = await house.say("1")
        house.box.slow.set()
        await first

        assert second == TEXTS("complaints.say.wait")
        assert len(house.box.taken) == 1

    async def test_whoever_begins_again_while_one_is_sent_is_still_one_person(
        self, house: Talking
    ) -> None:
        async def up_to_the_last_answer() -> None:
            for said in ("/投诉", "1", "1", "0", PLAIN):
                await house.say(said)

        house.box.slow = asyncio.Event()
        sent = []
        for _ in range(4):
            await up_to_the_last_answer()
            sent.append(asyncio.create_task(house.say("1")))
            await asyncio.sleep(0)
            house.pass_time(timedelta(seconds=30))
        house.box.slow.set()
        await asyncio.gather(*sent)

        assert [each.counts for each in house.box.taken.values()] == [True, False, False]

    async def test_what_could_not_be_sent_counts_for_no_limit(self, house: Talking) -> None:
        for said in ("投诉", "1", "1", "0", PLAIN):
            await house.say(said)
        house.box.breaks = FULL
        for _ in range(4):
            await house.say("1")
        house.box.breaks = None

        assert SHOWN.search(await house.say("1"))
        assert [each.counts for each in house.box.taken.values()] == [True]


class TestAccusations:
    """Against a person: pointed to who is competent, never stored."""

    async def test_told_outright_it_is_pointed_to_12388(self, house: Talking) -> None:
        answer = await house.say("我要举报镇长收钱")

        assert answer == TEXTS("complaints.say.accusation_alone", window="")
        assert "12388" in answer

    async def test_told_as_a_complaint_it_is_not_taken(self, house: Talking) -> None:
        for said in ("投诉", "1", "10", "0"):
            await house.say(said)

        answer = await house.say("我们主任虚报冒领补贴，大家都知道")
        await house.say("1")

        assert answer == TEXTS("complaints.say.accusation", window="")
        assert house.box.taken == {}

    async def test_about_somebody_without_a_burden_it_is_asked_what_was_demanded(
        self, house: Talking
    ) -> None:
        for said in ("投诉", "1", "10", "0"):
            await house.say(said)

        asked = await house.say("疾控的人把检测费打到私人账户，没有人查")
        await house.say("1")

        assert asked == TEXTS("complaints.say.personal", window="")
        assert "12388" in asked
        assert house.box.taken == {}

    async def test_whatever_is_said_outside_12388_is_named(self, house: Talking) -> None:
        """No cue knows every way of accusing somebody."""
        assert "12388" in await house.say("镇长女儿没考试直接进了事业单位")


def test_the_notice_says_which_algorithms_seal() -> None:
    notice = ComplaintWords(TEXTS, "县减负专班").notice(["A1B2"], "intl")

    assert "国际通用，非国密认证模块" in notice


def test_the_window_of_the_place_stands_wherever_accusations_are_pointed_to_it() -> None:
    words = ComplaintWords(TEXTS, "县减负专班", "清川县纪委监委信访室 0000-1234567")

    said = (words.notice([], "intl"), words.accusation(), words.say(None, Say.ACCUSATION, ()))

    for each in said:
        assert "12388" in each
        assert "（清川县纪委监委信访室 0000-1234567）" in each


class TestReceipts:
    """By the number alone."""

    async def test_an_answer_is_read_by_the_receipt(self, house: Talking) -> None:
        receipt = receipt_in(await house.complain())
        house.box.replies[Receipt.parse(receipt)] = (
            Answer(
                OFFICE,
                CaseState.CLOSED,
                Week(2026, 44),
                PrivateText("已取消每日截图，**以台账为准**"),
                ClosingReason.REMEDIED,
                Remedy.DEMAND_WITHDRAWN,
            ),
        )

        shown = await house.say(f"查询 {receipt}")

        assert "县减负专班，2026-W44，已办结" in shown
        assert "＊＊以台账为准＊＊" in shown
        assert "办结原因：已经改正" in shown
        assert "采取的措施：要求已取消" in shown

    @pytest.mark.parametrize(
        "typed",
        ["/查询 {}", "查询 {}", "／查询　{}", "/query {}", "回执{}", "{}", " {} "],
    )
    async def test_however_it_is_typed_it_is_looked_up(self, house: Talking, typed: str) -> None:
        wide = UNKNOWN.translate({ord("0") + n: ord("０") + n for n in range(10)})

        for number in (UNKNOWN, UNKNOWN.replace(" ", ""), UNKNOWN.replace(" ", "-"), wide):
            assert await house.say(typed.format(number)) == TEXTS("complaints.answers.none")
        assert house.box.looked_up == 4

    async def test_a_wrong_digit_is_said_before_anything_is_looked_up(
        self, house: Talking
    ) -> None:
        wrong = ("2" if UNKNOWN[0] == "1" else "1") + UNKNOWN[1:]

        assert await house.say(f"查询 {wrong}") == TEXTS("complaint_box.receipt_check")
        assert "19位" in await house.say(f"查询 {UNKNOWN[:-1]}")
        assert house.box.looked_up == 0

    async def test_more_is_added_and_checked_like_the_first_words(self, house: Talking) -> None:
        plain = await house.say(f"补充 {UNKNOWN} 后来又多了一张表，还是每天报")
        check = await house.say(f"/补充{UNKNOWN}：都是李书记要的")
        added = await house.say("1")

        assert plain == added == TEXTS("complaints.done.added")
        assert "李书记" in check
        texts = [text.reveal() for _, text, _ in house.box.added]
        assert texts == ["后来又多了一张表,还是每天报", "都是某人要的"]

    async def test_adding_is_cancelled_where_it_was_asked_about(self, house: Talking) -> None:
        await house.say(f"补充 {UNKNOWN} 都是李书记要的")
        cancelled = await house.say("取消")
        await house.say("1")

        await house.say(f"补充 {UNKNOWN} 都是李书记要的")
        await house.say("2")
        again = await house.say("算了，不写了")

        assert cancelled == again == TEXTS("complaints.say.cancelled")
        assert house.box.added == []

    async def test_adding_in_the_middle_of_another_loses_neither(self, house: Talking) -> None:
        for said in ("投诉", "1", "5", "0", "每天晚上九点以后还要报数"):
            await house.say(said)

        refused = await house.say(f"/补充 {UNKNOWN} 还是每天都要报")
        receipt = await house.say("1")

        assert refused.endswith(TEXTS("complaints.say.finish_first"))
        assert house.box.added == []
        assert "回执编号" in receipt

    async def test_a_complaint_is_withdrawn_by_its_receipt(self, house: Talking) -> None:
        assert await house.say(f"/撤回 {UNKNOWN}") == TEXTS("complaints.done.withdrawn")
        assert [receipt.shown() for receipt, _ in house.box.withdrawn] == [UNKNOWN]

    @pytest.mark.parametrize("word", ["查询", "补充", "撤回"])
    async def test_a_bare_word_is_told_how_to_use_it(self, house: Talking, word: str) -> None:
        name = {"查询": "query", "补充": "supplement", "撤回": "withdraw"}[word]

        assert await house.say(word) == TEXTS(f"complaints.usage.{name}")


class TestInAGroup:
    """Where everybody reads along."""

    @pytest.mark.parametrize(
        "said",
        [
            "/投诉 金丝雀",
            "投诉",
            f"/查询 {UNKNOWN}",
            f"查询 {UNKNOWN}",
            f"/补充 {UNKNOWN} 金丝雀",
            f"/撤回 {UNKNOWN}",
        ],
    )
    async def test_it_is_asked_to_write_in_private_and_nothing_is_repeated(
        self, house: Talking, said: str
    ) -> None:
        answer = await house.say(said, group=True)

        assert answer == TEXTS("complaints.say.only_private")
        assert house.count.taken == [], "it is not judged"
        assert house.box.looked_up == 0


class TestLimits:
    """Without knowing who: so many a day, a week, of all."""

    async def test_three_a_day_and_ten_a_week(self) -> None:
        async with talking(start=datetime(2026, 10, 12, 2, 0, tzinfo=UTC)) as house:
            taken = []
            for _day in range(5):
                for _ in range(4):
                    await house.complain()
                    house.pass_time(timedelta(minutes=5))
                taken.append(len(house.box.taken))
                house.pass_time(timedelta(hours=23, minutes=40))

        assert taken == [3, 6, 9, 10, 10]

    async def test_the_fourth_is_told_before_it_reads_the_notice(self, house: Talking) -> None:
        for _ in range(3):
            await house.complain()
            house.pass_time(timedelta(minutes=2))

        assert await house.say("投诉") == TEXTS("complaints.limit.day", most="3")

    async def test_two_hundred_of_all_a_day(self, house: Talking) -> None:
        for number in range(201):
            answer = await house.complain(who=f"p{number}")
            house.pass_time(timedelta(seconds=10))

        assert len(house.box.taken) == 200
        assert "12388" in await house.say("投诉", "somebody.else")
        assert not SHOWN.search(answer)

    async def test_twenty_acts_by_receipt_a_day(self, house: Talking) -> None:
        answers = []
        for _ in range(21):
            answers.append(await house.say(UNKNOWN))
            house.pass_time(timedelta(seconds=10))

        assert house.box.looked_up == 20
        assert answers[-1] == TEXTS("complaints.limit.asked", most="20")

    async def test_a_new_day_begins_anew(self, house: Talking) -> None:
        for _ in range(3):
            await house.complain()
            house.pass_time(timedelta(minutes=2))
        house.pass_time(timedelta(days=1))

        assert SHOWN.search(await house.complain())

    async def test_somebody_who_complains_often_counts_once_a_week(self) -> None:
        async with talking(NO_LIMIT) as house:
            for _ in range(20):
                await house.complain()
                house.pass_time(timedelta(minutes=2))
            await house.complain(who="wang.wu")
            house.pass_time(timedelta(days=7))
            await house.complain()

        counted = [complaint.counts for complaint in house.box.taken.values()]
        assert counted == [True] + [False] * 19 + [True, True]


class TestNoTrace:
    """What is written of it is what is written of anything said in private."""

    async def test_log_and_metrics_are_those_of_a_question_for_help(self) -> None:
        written = []
        receipt = Receipt("987654321098765432").shown()
        for said in (
            ["投诉", "1", "1", "0", PLAIN, "1"],
            ["/帮助"] * 6,
            [f"查询 {receipt}", f"补充 {receipt} {PLAIN}", f"撤回 {receipt}", "1", "取消", "在吗"],
            ["我要举报镇长收钱", "投诉", "2", PLAIN, "不同意", "/查寻"],
        ):
            async with talking() as house:
                for each in said:
                    await house.say(each)
                written.append((house.written.lines, _without_times(house.metrics.text())))

        assert all(each == written[0] for each in written)

    async def test_no_representation_of_what_is_held_shows_a_word_or_who(
        self, house: Talking
    ) -> None:
        for said in ("投诉", "1", "1", "0", "金丝雀每天都要截图"):
            await house.say(said)

        (held,) = house.conversations._held.items()
        assert "金丝雀" not in repr(held)
        assert "li.hua" not in repr(held)


@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                [
                    "投诉",
                    "1",
                    "2",
                    "3",
                    "0",
                    "取消",
                    PLAIN,
                    UNKNOWN,
                    f"补充 {UNKNOWN} {PLAIN}",
                    "/帮助",
                ]
            ),
            st.text(max_size=30),
            st.text(alphabet="1234567890 -０１２/查询补充撤回", max_size=30),
        ),
        max_size=12,
    )
)
async def test_whatever_is_typed_is_answered_and_breaks_nothing(said: list[str]) -> None:
    async with talking(NO_LIMIT) as house:
        for each in said:
            assert await house.say(each), "silence leaves a worried member waiting"

    assert house.written.lines == []
    assert house.count.taken == []


def _without_times(exposition: bytes) -> list[str]:
    return [line for line in exposition.decode().splitlines() if "_created" not in line]


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_every_text_of_the_conversation_fits_one_screen(locale: str) -> None:
    """A phone shows some 20 lines of 24 Chinese or 48 other characters."""
    texts = load_texts(locale)
    wide = 24 if locale == "zh-CN" else 48
    for key in sorted(texts.keys()):
        if key.startswith(("complaints.", "complaint_box.", "commands.privacy")):
            lines = texts.raw(key).splitlines()
            screen = sum(max(1, -(-len(line) // wide)) for line in lines)
            assert screen <= 24, f"{key}: {screen} lines"
