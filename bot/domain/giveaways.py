"""What in a complaint would give its writer away, and the text with that taken out (facts 3.6).

It only ever proposes. It misses what is told in other words, and the dialogue says so.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.domain.check_digits import is_id_number, passes_luhn
from bot.domain.given_names import NAMES
from bot.domain.periods import Week
from bot.domain.texts import Texts


class Sign(StrEnum):
    """What sort of thing gives somebody away. Their order settles which of two that overlap stands."""

    URL = "url"
    EMAIL = "email"
    ID_NUMBER = "id_number"
    BANK_CARD = "bank_card"
    PHONE = "phone"
    PLATE = "plate"
    ACCOUNT = "account"  # a platform id, an account named as such
    DATE = "date"
    TIME = "time"
    PICTURE = "picture"  # stands where the client had one; it did not come
    NUMBER = "number"  # of a document, a badge: six digits and more
    QUOTATION = "quotation"
    ONLY_ONE = "only_one"  # says that there is nobody else
    POST = "post"  # a post that one person holds
    UNIT = "unit"
    SENIORITY = "seniority"  # a year of birth, of entry, of service
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Giveaway:
    """One such place in a text. `detail` is what may stand for it: a week's Monday, a half-day."""

    sign: Sign
    start: int
    end: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class KnownWords:
    """What the house knows: units and groups by name, and a roster's names and unique posts."""

    units: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    posts: frozenset[str] = frozenset()


NO_WORDS = KnownWords()

_RARE = (
    "书记|主任|镇长|乡长|局长|科长|所长|站长|队长|校长|园长|院长|会计|出纳|文书|妇联主席|团委书记|副书记|副主任|纪检委员|组织委员|宣传委员|"
    "武装部长|第一书记|驻村队长|护士长|教导主任|总务主任|信息员|档案员|微机员|办公室主任|党政办主任"
)
_PART = "凌晨|清晨|清早|大清早|早上|早晨|上午|中午|午后|下午|傍晚|晚上|夜里|半夜|深夜|夜间|今早|今晚|昨晚|当晚|晚|早"
_HAN_NUMBER = "[零〇一二两三四五六七八九十]{1,3}"

_PATTERNS: tuple[tuple[Sign, re.Pattern[str]], ...] = (
    (
        Sign.URL,
        re.compile(
            r"(?:https?://|www\.)[!-~]{3,}|[a-z0-9-]{2,40}(?:\.[a-z0-9-]{2,40}){0,3}"
            r"\.(?:com|cn|net|org|gov|top|vip|link)(?:/[!-~]*)?",
            re.IGNORECASE,
        ),
    ),
    (
        Sign.EMAIL,
        re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+"),
    ),
    (
        Sign.PLATE,
        re.compile(
            r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·•. -]?"
            r"[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警港澳]",
            re.IGNORECASE,
        ),
    ),
    (
        Sign.ACCOUNT,
        re.compile(
            r"(?:账号|帐号|工号|微信号?|企微号?|钉钉号?|userid|警号|学号|胸牌号?|qq号?)[是为:： ]{0,3}"
            r"[A-Za-z0-9_.-]{3,40}|(?<![A-Za-z0-9])(?:wxid_|wx|wo|wm|wr|wb|ding|cid|manager|dt)"
            r"(?=[A-Za-z0-9_-]*[0-9_])[A-Za-z0-9_-]{6,60}",
            re.IGNORECASE,
        ),
    ),
    (Sign.PICTURE, re.compile(r"\[(?:图片|视频|语音|文件)\]")),
    (
        Sign.QUOTATION,
        re.compile(
            r"“[^”\n]{5,}”|「[^」\n]{5,}」|『[^』\n]{5,}』|\"[^\"\n]{5,}\""
            r"|(?:原话(?:就?是|如下)?[:：,，\s]*|(?<=说)[:：]\s*)(?P<words>(?![〔\[])[^。!！?？\n]{5,})"
        ),
    ),
    (
        Sign.ONLY_ONE,
        re.compile(
            r"我(?:们)?[^，。,.\n]{0,12}(?:是|就)[^，。,.\n]{0,8}唯一的?[^，。,.\n]{0,10}"
            r"|(?:只有|就|只剩)我(?:一个人|一个|一人|自己|俩)[^，。,.\n]{0,12}"
            r"|(?:全|整个)[镇乡村局科站所校院队室街处办组]{1,2}(?:里|上)?(?:就|只有)我[^，。,.\n]{0,12}"
            r"|我一个人(?:负责|管|做|干|扛|顶)[^，。,.\n]{0,12}|(?:只有|就|只剩)我和[^，。,.\n]{1,6}"
            r"|(?:[两三四五几]个?人?|里头?|里面|当中|数)我(?:年纪|资历)?最[^，。,.\n]{1,4}"
        ),
    ),
    (
        Sign.POST,
        re.compile(rf"(?:我是|我当|我任|作为|本人是?|我这个)[^，。,.\n]{{0,14}}?(?:{_RARE})"),
    ),
    (
        Sign.UNIT,
        re.compile(
            r"(?:[初高小大][一二三四五六]|[一二三四五六七八九]年级)[（(]?[一二三四五六七八九十\d]{1,2}[)）]?班"
            r"|[\u4e00-\u9fff]{0,3}(?:村|社区|寨|屯)[一二三四五六七八九十\d]{1,2}(?:村民)?(?:小)?组"
        ),
    ),
    (
        Sign.SENIORITY,
        re.compile(
            r"(?:工|教|党|护|警|医)龄(?:有|是|已)?\d{1,2}年?|(?:19|20)\d\d年(?:就|才)?(?:参加工作|入职|入党|毕业|退伍|调来|考来|来的)"
            r"|(?:我|今年)[^，。,.\n]{0,4}[五四三二\d][十\d][一二三四五六七八九]?岁|还有[一二三四五两半\d]{1,2}年(?:就)?退休"
        ),
    ),
    (Sign.NAME, NAMES),
)
_DATE = re.compile(
    r"(?P<year>20\d\d)[年./-](?P<month>\d{1,2})[月./-](?P<day>\d{1,2})[日号]?"
    r"|(?<!\d)(?P<month2>\d{1,2})月(?P<day2>\d{1,2})[日号]?"
    r"|(?<![\d每])(?P<day3>\d{1,2})[日号](?![文楼线院令门机])"
    r"|(?<!每)(?:上|本|这|下)?个?(?:周|星期|礼拜)[一二三四五六日天](?![到至])"
)
_TIME = re.compile(
    rf"(?P<part>{_PART})?的?(?P<clock>\d{{1,2}}[:：]\d{{2}}(?!\d)"
    rf"|\d{{1,2}}(?:点|时)(?:半|一刻|三刻|\d{{1,2}}分?)?(?!间|候|意|建|要)"
    rf"|{_HAN_NUMBER}点(?:半|一刻|三刻|整|钟|{_HAN_NUMBER}分))"
    rf"|(?P<part2>{_PART})(?P<clock2>(?!一点){_HAN_NUMBER}点)"
)
_ALWAYS = re.compile(r"(?:每天|天天|每日|每晚|每周|每月|每次|一到|经常|动不动)[^，。,\n]{0,6}$")
_DIGITS = re.compile(r"(?<![\d.])\d(?:[ -]?\d){5,19}[Xx]?(?![\d])")
_PHONE = re.compile(r"(?:\+?86)?1[3-9]\d{9}|0\d{9,11}")
_SHORTEST_KNOWN = 2
_NARROW = {
    wide: wide - 0xFEE0
    for wide in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))
} | {0xFF20: 0x40, 0xFF0E: 0x2E, 0xFF0D: 0x2D}


def tidied(text: str) -> str:
    """The text without invisible marks, which can tell whose copy of a message it was."""
    return "".join(
        letter for letter in text if unicodedata.category(letter) not in ("Cf", "Co", "Cn")
    ).strip()


def find_giveaways(text: str, today: date, known: KnownWords = NO_WORDS) -> tuple[Giveaway, ...]:
    """What would give the writer away, in the order of the text; no two overlap.

    `today` dates what names a day and no year. Recurring times ("every day at eight") stay.
    """
    plain = text.translate(_NARROW)
    found = [
        *(
            Giveaway(sign, *_span(match))
            for sign, pattern in _PATTERNS
            for match in pattern.finditer(plain)
        ),
        *_figures(plain),
        *_dates(plain, today),
        *_times(plain),
        *_known(plain, known.units, Sign.UNIT),
        *_known(plain, known.names, Sign.NAME),
        *_known(plain, known.posts, Sign.POST),
    ]
    return tuple(_apart(found))


def _span(match: re.Match[str]) -> tuple[int, int]:
    """Where it is; of 说：… only what was said."""
    said = match.re.groupindex and match["words"]
    return match.span("words") if said else match.span()


def _apart(found: Iterable[Giveaway]) -> Iterator[Giveaway]:
    """Of two that overlap the wider stands, and of equals the one of the earlier sign."""
    ranks = {sign: place for place, sign in enumerate(Sign)}
    kept: list[Giveaway] = []
    for each in sorted(found, key=lambda one: (one.start - one.end, ranks[one.sign], one.start)):
        if all(each.end <= other.start or other.end <= each.start for other in kept):
            kept.append(each)
    yield from sorted(kept, key=lambda one: one.start)


def _figures(text: str) -> Iterator[Giveaway]:
    for match in _DIGITS.finditer(text):
        digits = re.sub(r"[ -]", "", match[0]).upper()
        yield Giveaway(_figure_sign(digits), *match.span())


def _figure_sign(digits: str) -> Sign:
    if is_id_number(digits):
        return Sign.ID_NUMBER
    if _PHONE.fullmatch(digits):
        return Sign.PHONE
    if 13 <= len(digits) <= 19 and passes_luhn(digits):
        return Sign.BANK_CARD
    return Sign.NUMBER


def _dates(text: str, today: date) -> Iterator[Giveaway]:
    for match in _DATE.finditer(text):
        if _ALWAYS.search(text[: match.start()]):
            continue
        week = _week_of(match, today)
        if match["day3"] and week is None:
            continue  # 45号 is a house, a bed, a bus
        yield Giveaway(
            Sign.DATE, *match.span(), detail="" if week is None else week.monday.isoformat()
        )


def _week_of(match: re.Match[str], today: date) -> Week | None:
    month, day = match["month"] or match["month2"], match["day"] or match["day2"] or match["day3"]
    if not day:
        return None
    try:
        year = int(match["year"] or today.year)
        named = date(year, int(month or today.month), int(day))
    except ValueError:
        return None
    if match["year"] is None and named > today:
        # What is told has happened: a day still to come is last month's or last year's.
        named = _before(named, by_month=month is None)
    return Week.on(named)


def _before(named: date, *, by_month: bool) -> date:
    try:
        if not by_month:
            return named.replace(year=named.year - 1)
        if named.month == 1:
            return named.replace(year=named.year - 1, month=12)
        return named.replace(month=named.month - 1)
    except ValueError:
        return named


_NIGHT = ("凌晨", "晚上", "夜里", "半夜", "深夜", "夜间", "今晚", "昨晚", "当晚", "晚", "傍晚")
_MORNING = ("清晨", "清早", "大清早", "早上", "早晨", "上午", "今早", "早")


def _times(text: str) -> Iterator[Giveaway]:
    for match in _TIME.finditer(text):
        if not _ALWAYS.search(text[: match.start()]):
            part = match["part"] or match["part2"] or ""
            clock = match["clock"] or match["clock2"]
            yield Giveaway(Sign.TIME, *match.span(), detail=_half_day(part, clock))


def _half_day(part: str, clock: str) -> str:
    if part in _NIGHT:
        return "night"
    if part in _MORNING:
        return "morning"
    if part:
        return "afternoon"
    hour = re.match(r"\d{1,2}", clock)
    if hour is None:
        return "some"
    number = int(hour[0])
    if number >= 18 or number < 6:
        return "night"
    return "morning" if number < 12 else "afternoon"


def _known(text: str, words: Collection[str], sign: Sign) -> Iterator[Giveaway]:
    for word in words:
        if len(word) >= _SHORTEST_KNOWN:
            for match in re.finditer(re.escape(word), text):
                yield Giveaway(sign, *match.span())


def taken_out(text: str, found: Sequence[Giveaway], texts: Texts) -> str:
    """The text with each giveaway replaced by the general word for it (complaints.instead)."""
    pieces: list[str] = []
    last = 0
    for each in found:
        pieces += (text[last : each.start], _instead(each, texts))
        last = each.end
    return "".join([*pieces, text[last:]])


def _instead(each: Giveaway, texts: Texts) -> str:
    if each.sign is Sign.DATE and each.detail:
        monday = date.fromisoformat(each.detail)
        return texts("complaints.instead.week", month=monday.month, day=monday.day)
    if each.sign is Sign.TIME:
        return texts(f"complaints.instead.time_{each.detail}")
    return texts(f"complaints.instead.{each.sign}")
