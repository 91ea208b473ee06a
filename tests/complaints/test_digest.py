"""What the digest says of complaints: not open, not yet, or what the office returned."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from bot.domain.complaint_figures import ComplaintFigures, RawComplaints, publishable
from bot.domain.complaint_release import GatedComplaints, Verdict, through_gate
from bot.domain.complaint_release import Returned as ReturnedWeek
from bot.domain.complaints import Category, Remedy
from bot.domain.people_figures import PeopleFigure, PeoplePolicy
from bot.domain.periods import Week
from bot.renderings.chat_markdown import chat_markdown
from bot.renderings.json_document import decode_digest, encode_digest
from handlers.ports import Office
from tests.golden.weeks import quiet
from tests.scenarios.week_end_house import house

HEARD = Week(2026, 42)


@dataclass
class Returned:
    """In place of the store of returned figures."""

    found: tuple[ComplaintFigures, ...] | None = ()
    verdict: Verdict = Verdict.PASSED
    asked: list[tuple[str, Week]] = field(default_factory=list)

    async def take(self, office: Office, digest: Week) -> GatedComplaints | None:
        self.asked.append((office.code, digest))
        if self.found is None:
            return None
        judged = [ReturnedWeek("county", each, verdict=self.verdict) for each in self.found]
        return through_gate(judged, [], PeoplePolicy())


def figures(**people: int) -> ComplaintFigures:
    raw = RawComplaints(
        met=True,
        complainants={Category(name): n for name, n in people.items()},
        waited=[2] * 25,
        remedies=[Remedy.GROUP_DISSOLVED] * 5,
        purged=0,
    )
    return publishable(raw, HEARD.shifted(-1), "county", b"k" * 32, PeoplePolicy())


async def published(returned: Returned | None) -> str:
    stage = house()
    await stage.register()
    stage.publish = replace(stage.publish, returned=returned)
    await stage.hear(HEARD)
    await stage.tick("2026-10-19 02:30")
    stored = await stage.publish.stored(HEARD, "county")
    assert stored is not None
    assert encode_digest(decode_digest(stored)) == stored
    text = chat_markdown(decode_digest(stored).document)
    return text.partition("四、匿名诉求")[2].partition("五、")[0]


async def test_it_says_that_complaints_are_not_open():
    assert "尚未开通" in await published(None)
    assert "尚未开通" in await published(Returned(None))


async def test_it_says_not_yet_until_the_office_returns():
    said = await published(Returned(()))

    assert "尚无：办公室还没有回传2026-W41及以前的汇总数" in said


async def test_it_shows_what_the_office_returned_and_how_it_was_made():
    said = await published(Returned((figures(screenshot_report=40, off_hours=12, other=3),)))

    assert "2026-W41收到不留名投诉" in said
    assert "截图留痕约40人" in said
    assert "非工作时间布置约1" in said
    assert "其余类别不足10或无" in said
    assert "约25人" in said
    assert "答复用时中位数不超过2周" in said
    assert "已采取的措施：解散工作群" in said
    assert "不足10不显示" in said


async def test_what_was_deleted_is_told_from_ten_people_up():
    few = figures(screenshot_report=40)
    many = replace(few, purged=PeopleFigure(15))

    assert "删除" not in await published(Returned((few,)))
    assert "该周按保存期限删除：约15人的投诉" in await published(Returned((many,)))


async def test_a_week_with_few_complaints_says_no_number():
    said = await published(Returned((replace(figures(other=4), median_weeks=None),)))

    assert "2026-W41收到不留名投诉：—（不足10或无）" in said
    assert "各类别均不足10或无" in said


async def test_a_week_that_did_not_pass_the_gate_is_said_in_one_sentence():
    for verdict in (Verdict.WITHHELD, Verdict.UNCHECKED):
        said = await published(Returned((figures(screenshot_report=40),), verdict))

        assert "2026-W41的投诉数没有通过泄露检验（或本机无法检验），不予公布" in said
        assert "40" not in said
        assert "尚无" not in said


async def test_it_asks_for_its_own_office_and_week():
    returned = Returned(())

    await published(returned)

    assert returned.asked == [("county", HEARD)]


def test_a_digest_from_before_there_were_complaints_is_still_read():
    now = quiet()
    before = encode_digest(now).replace(b'  "complaints": null,\n', b"")
    assert before != encode_digest(now)

    assert decode_digest(before).figures.complaints is None
