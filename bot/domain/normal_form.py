"""The form in which a message is matched: tricks of typing undone, places in the original kept."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import NamedTuple

_HAN = "\u4e00-\u9fff"
_MARKS = (
    "\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff\U000e0001-\U000e007f"
)
_WIDE = (
    "\u2460-\u24ff\u2e80-\u2fdf\u3000\u3200-\u33ff\uf900-\ufaff\uff01-\uff5e\U0001d400-\U0001d7ff"
)
_GAP = r"[ \t\-_.·•*/|~+]{1,3}"

# Words that people split so that a filter does not see them; other spaces part real words.
_SPLIT_WORDS = [
    "截图",
    "截屏",
    "拍照",
    "照片",
    "录像",
    "录屏",
    "视频",
    "定位",
    "水印",
    "打卡",
    "签到",
    "接龙",
    "点名",
    "收到",
    "回复",
    "填表",
    "报表",
    "报数",
    "上报",
    "台账",
    "报送",
    "投票",
    "转发",
    "点赞",
    "关注",
    "下载",
    "注册",
    "安装",
    "激活",
    "答题",
    "积分",
    "学习",
    "排名",
    "通报",
    "会议",
    "开会",
    "培训",
    "检查",
    "督查",
    "考核",
    "迎检",
    "抽调",
    "借调",
    "承诺",
    "责任",
    "取消",
    "不用",
    "留痕",
    "留存",
    "注意",
    "抓紧",
    "今天",
    "明天",
    "调度",
]
_SPLIT = re.compile("|".join(f"{word[0]}{_GAP}{word[1]}" for word in _SPLIT_WORDS))
# Single characters each set apart: 各 村 注 意.
_SPACED = re.compile(rf"(?<![{_HAN}])[{_HAN}](?:{_GAP}[{_HAN}](?![{_HAN}])){{2,}}")
_LATIN_SPACED = re.compile(r"(?<![a-z])[a-z](?: [a-z])+(?![a-z])")
_SEPARATED = re.compile(rf"[{_HAN}a-z][ \t\-_.·•*/|~+]{{1,3}}[{_HAN}a-z]")

# What is typed or heard for what is meant. Only forms that mean nothing else in a work group.
_MEANT: Mapping[str, str] = {
    "台帐": "台账", "街龙": "接龙", "结龙": "接龙", "截龙": "接龙", "节龙": "接龙", "接笼": "接龙",
    "街图": "截图", "结图": "截图", "节图": "截图", "戒图": "截图", "截土": "截图", "捷图": "截图",
    "签道": "签到", "鉴到": "签到", "千到": "签到", "打咔": "打卡", "达卡": "打卡", "投漂": "投票",
    "则任": "责任", "责人状": "责任状", "责任壮": "责任状", "成诺书": "承诺书", "承诺输": "承诺书",
    "坐个ppt": "做个ppt", "坐ppt": "做ppt", "信仿": "信访", "白拍": "摆拍", "己报": "已报",
    "己发": "已发", "己交": "已交", "己完成": "已完成", "己填": "已填", "己收": "已收", "以报": "已报",
    "填抱": "填报", "上抱": "上报", "报俵": "报表", "台张": "台账", "台仗": "台账", "汇报才料": "汇报材料",
    "抽吊": "抽调", "借吊": "借调", "收道": "收到", "回付": "回复", "回覆": "回复", "迎捡": "迎检",
    "检察组": "检查组", "点攒": "点赞", "转法": "转发", "关住公众号": "关注公众号", "水引": "水印",
    "听日": "明天", "听朝": "明早", "落班": "下班", "晚夕": "晚上", "下班钱": "下班前", "睇咗": "看了",
    "影相": "拍照", "cap图": "截图",
}  # fmt: skip
_MEANT_ANY = re.compile("|".join(sorted(map(re.escape, _MEANT), key=len, reverse=True)))
_INITIALS: Mapping[str, str] = {
    "jt": "截图", "tp": "投票", "dk": "打卡", "jl": "接龙", "qd": "签到", "zf": "转发", "dz": "点赞",
    "gzh": "公众号", "pyq": "朋友圈", "xxqg": "学习强国", "qg": "强国", "tz": "台账", "tb": "填报",
    "kh": "考核", "jc": "检查", "xcx": "小程序", "sd": "收到", "ljsd": "立即上报",
}  # fmt: skip
_INITIALS_ANY = re.compile(
    r"(?<![a-z0-9./:@_?&=-])(?:"
    + "|".join(sorted(_INITIALS, key=len, reverse=True))
    + r")(?![a-z0-9./:@_=-])"
)
_WIDE_STOPS = (
    ("，", ","),
    ("：", ":"),
    ("；", ";"),
    ("？", "?"),
    ("！", "!"),
    ("（", "("),
    ("）", ")"),
)

# Words parted by spaces only (not behind who is called by @); where one is longer than a name, the
# spaces stand for commas.
_PARTED_BY_SPACES = re.compile(r"@\S+|[^\s@,。!?;:()、…]+(?: +[^\s@,。!?;:()、…]+)+")
_SPACE_AS_COMMA = re.compile(rf"(?<=[{_HAN}]) (?= *[{_HAN}])")
LONGEST_SPACED_NAME = 6
_POINT_AS_STOP = re.compile(rf"(?<=[{_HAN}])\.(?=[{_HAN}]|\s|$)")

DECORATION = r"(?:\[(?:抱拳|玫瑰|合十|咖啡|太阳|握手|鲜花|爱心|强|赞|加油|奋斗|鼓掌|胜利|拥抱)\]|[🙏🌹👍💪👏👌])[🏻-🏿]*"
"""What people put at the end of anything; others, such as [捂脸], say how it is meant."""
# Not what is to be typed in answer: 看到的扣👍, 给他点👍; but 交到三点[强].
_DECORATED = re.compile(
    rf"(?<![\s~扣回个发打给刷])(?<![^\d零一二两三四五六七八九十]点)[\s~]*(?:{DECORATION}[\s~]*)+$"
)
_LAST_OF_DECORATION = frozenset("~]🙏🌹👍💪👏👌🏻🏼🏽🏾🏿")
_LONGEST_DECORATION = 40

_OPENS_QUOTATION = ("「", "“", '"', "『")
_RULE_LINE = re.compile(r"\n[-—–=﹣ ]{4,}\n")
# Nothing can be split, spelled by initials or quoted where none of these occurs.
_HINT = re.compile(r"[ \t\-_.·•*/|~+a-z\n]")
_LATIN = re.compile(r"[a-z]")


class NormalForm(NamedTuple):
    """A text as rules see it. `places` maps its offsets to the original's; None when the same."""

    text: str
    places: Sequence[int] | None = None
    quotes: bool = False

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """The span in the text as it was sent."""
        if self.places is None or end <= start:
            return start, end
        return self.places[start], self.places[end - 1] + 1


class Normaliser:
    """Makes normal forms with a table of Traditional characters (config/model/simplified.txt)."""

    def __init__(self, simplified: Mapping[str, str]) -> None:
        self._simple = {ord(odd): plain for odd, plain in simplified.items()}
        self._odd = re.compile(f"[{_MARKS}{_WIDE}{re.escape(''.join(simplified))}]")
        self._marks = re.compile(f"[{_MARKS}]")

    def __call__(self, text: str) -> NormalForm:
        """The normal form. Most messages pass a few cheap tests and need no table of places."""
        plain = text.lower()
        if len(plain) != len(text):
            plain = text
        for wide, narrow in _WIDE_STOPS:
            plain = plain.replace(wide, narrow)
        is_odd = self._odd.search(plain) is not None
        if is_odd or plain[:1].isspace() or _needs_repair(plain):
            return self._undone(plain, is_odd=is_odd)
        return NormalForm(_undecorated(_stopped(plain.rstrip())))

    def _undone(self, plain: str, *, is_odd: bool) -> NormalForm:
        characters, places = plain, list(range(len(plain)))
        if is_odd or not unicodedata.is_normalized("NFKC", plain):
            characters, places = self._folded(plain)
        edge = len(characters) - len(characters.lstrip())
        characters = characters.strip()
        places = places[edge : edge + len(characters)]
        quoted = end_of_quotation(characters)
        if quoted:
            characters, places = characters[quoted:], places[quoted:]
        if _needs_repair(characters):
            for pattern, becomes in _REPAIRS:
                characters, places = _repaired(pattern, becomes, characters, places)
        text = _undecorated(_stopped(characters))
        return NormalForm(text, places[: len(text)], quoted > 0)

    def _folded(self, plain: str) -> tuple[str, list[int]]:
        pieces: list[str] = []
        places: list[int] = []
        for place, character in enumerate(plain):
            if self._marks.match(character):
                continue
            piece = unicodedata.normalize("NFKC", character).lower().translate(self._simple)
            pieces.append(piece)
            places.extend([place] * len(piece))
        return "".join(pieces), places


def _repaired(
    pattern: re.Pattern[str], becomes: object, text: str, places: list[int]
) -> tuple[str, list[int]]:
    pieces: list[str] = []
    kept: list[int] = []
    last = 0
    for found in pattern.finditer(text):
        new = becomes(found[0]) if callable(becomes) else str(becomes)
        start, end = found.span()
        pieces += (text[last:start], new)
        kept += places[last:start]
        kept += _spread(places[start:end], len(new))
        last = end
    if not pieces:
        return text, places
    pieces.append(text[last:])
    return "".join(pieces), kept + places[last:]


def _spread(places: Sequence[int], length: int) -> list[int]:
    # The first and last characters keep their places, so that a span covers all that was typed.
    if length <= 1 or len(places) == 1:
        return [places[0]] * length
    return [places[round(step * (len(places) - 1) / (length - 1))] for step in range(length)]


def _joined(piece: str) -> str:
    return re.sub(r"[ \t\-_.·•*/|~+]+", "", piece)


_REPAIRS = (
    (_SPACED, _joined),
    (_SPLIT, _joined),
    (_LATIN_SPACED, _joined),
    (_MEANT_ANY, lambda piece: _MEANT[piece]),
    (_INITIALS_ANY, lambda piece: _INITIALS[piece]),
)


def _stopped(text: str) -> str:
    """With the stops that spaces and points stand for, of who types no other; of the same length."""
    if "." in text:
        text = _POINT_AS_STOP.sub("。", text)
    return _PARTED_BY_SPACES.sub(_with_commas, text) if " " in text else text


def _undecorated(text: str) -> str:
    """Without waves and flowers at the end, where anything stands before them."""
    if text[-1:] not in _LAST_OF_DECORATION:
        return text
    text = text.rstrip("~ \n") or text
    found = _DECORATED.search(text, max(1, len(text) - _LONGEST_DECORATION))
    return text[: found.start()] if found else text


def _with_commas(found: re.Match[str]) -> str:
    run = found[0]
    is_list = max(map(len, run.split())) <= LONGEST_SPACED_NAME
    return run if is_list or run.startswith("@") else _SPACE_AS_COMMA.sub(",", run)


def _needs_repair(text: str) -> bool:
    # Cheap hints first: most messages hold nothing of the sort.
    if _MEANT_ANY.search(text):
        return True
    if _HINT.search(text) is None:
        return False
    if _RULE_LINE.search(text):
        return True
    if _SEPARATED.search(text) and (_SPLIT.search(text) or _SPACED.search(text)):
        return True
    if _LATIN.search(text) is None:
        return False
    return bool(_INITIALS_ANY.search(text) or _LATIN_SPACED.search(text))


def end_of_quotation(text: str) -> int:
    """Where the quoted message in front of an answer ends; 0 when there is none.

    WeCom and DingTalk put it in quotation marks, with a rule between it and the answer.
    """
    if text[:1] not in _OPENS_QUOTATION:
        return 0
    found = _RULE_LINE.search(text)
    return found.end() if found and found.end() < len(text) else 0
