"""How people write moments in Chinese: the patterns and tables behind `deadlines`.

Every quantifier is bounded, so scanning takes time linear in the text.
"""

from __future__ import annotations

import re
from datetime import timedelta

_CHINESE = "〇零一二两三四五六七八九十"
_NUMBER = rf"(?:\d{{1,2}}|[{_CHINESE}]{{1,3}})"
_DIGIT = {
    **{sign: place for place, sign in enumerate("零一二三四五六七八九")},
    "〇": 0, "两": 2, "俩": 2, "仨": 3,
}  # fmt: skip

# After a day 前 begins other words (20号前往, 9月前几天); after an hour or 下班 hardly any.
_BY_DAY = (
    r"之前|以前|前(?!后(?!台)|[往来去期]|台(?!账)|面(?![谈签试])|提(?=[,。;!是下、]|条件|$)"
    r"|段(?=时间)|几[天年周次]|线(?![上下路]))"
)
_BY_HOUR = r"之前|以前|前(?!后(?!台)|提(?=[,。;!是下、]|条件|$)|线(?![上下路]))"
_PART_OF_DAY = (
    "凌晨|清晨|清早|早晨|早上|早间|大?早|晨|上午|中午|正午|午间|下午|午后|后晌|傍晚|"
    "晚上|晚间|晚|今黑|夜里|夜间|深夜|半夜|午夜|夜"
)
_PART_AHEAD = "(?=一?(?:早|晚|晨|夜|上午|下午|中午|后晌))"

_DAY = rf"""
(?:(?P<rel>大后天|今天|今日|今儿个?|当天|当日|明天|明日|明儿个?|后天|后日|后儿个?|次日|翌日|第二天(?!,)|隔天|
     每天|每日|(?<![说证声])[今明]{_PART_AHEAD}|[当每]{_PART_AHEAD})
  |(?P<next_work>下一?个?工作日)
  |(?P<after_holiday>(?:(?:[节假]|国庆|中秋|端午|五一|清明|春节|元旦)(?:假期|节|长假)?后|收假后?)
     (?:上班)?(?:的)?(?:第一|首)(?:个(?:工作日|上班日)|天)(?:上班)?)
  |(?P<week>下下个?|下个?|本|这个?|上个?|每)?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天])
  |(?:(?P<year>20\d\d)年)?(?P<month>(?<!\d){_NUMBER}|(?:本|当|这个|下个?|次|每)(?=月))月份?
     (?:(?P<month_end>底|末)|(?P<day>{_NUMBER})(?:日|号|(?={_BY_DAY})))
  |(?P<iso>(?<!\d)20\d\d[-./]\d{{1,2}}[-./]\d{{1,2}}(?!\d))日?
  |(?P<this_month_end>月底|月末)|(?P<year_end>年底|年末)
  |(?P<limit>(?<=[迟晚止至到]))?(?<![\d./-])(?<!\d:)(?P<num_month>1[0-2]|0?[1-9])[./](?P<num_day>\d{{1,2}})
     (?(limit)(?=[,。;!)报交完前]|$)|(?=[日号(]|{_BY_DAY}|[早晚]|下班|[上下中]午|傍晚|截止|[ ]\d{{1,2}}[:点时]))[日号]?
  |(?<![\d./:-])(?P<dash_month>1[0-2]|0?[1-9])-(?P<dash_day>\d{{1,2}})(?=[ ]\d{{1,2}}[:点时])
  |(?<![\d./第年月])(?<!\d:)(?P<month_day>{_NUMBER})(?:日(?![一二两三四][报次查调])|号(?![楼线文院门馆机厅会车店仓台岗栋路令函件桌窗池泵位]))
)
(?:\((?![^()]{{0,12}}[点时前截])[^()\n:]{{1,12}}\))?
\)?(?:的|那天|当天|当日)?[在于就]?(?:[ ](?=\d{{1,2}}[:点时]))?
"""

_CLOCK = rf"""
(?:(?<!最)(?P<part>{_PART_OF_DAY})[的在]?)?
(?:(?<!\d)(?<!\d:)(?P<hour>\d{{1,2}}(?=:)|(?:1[3-9]|2[0-3])(?=\.\d\d(?:{_BY_HOUR})))[:.]
     (?P<minute>[0-5]\d)(?![\d:%])
  |(?<![\d.第])(?<!\d:)(?<!第[{_CHINESE}])(?P<word_hour>{_NUMBER})
     (?:点(?![位评击赞心子多]|要求|建议|意见|希望|体会|说明|问题|内容|提示|措施|具体|原则|感受|事|以上)
       |(?<!一)时(?![间候段刻长效期代不时而]))
     (?:(?P<half>半)|(?P<quarter>[一三])刻
       |(?P<word_minute>\d{{1,2}}|[{_CHINESE}]{{1,3}})分
       |(?P<bare_minute>[0-5]\d|零[一二三四五六七八九]|[二三四五]?十[一二三四五六七八九]?)(?![\d个家人份张名条户处次元%字位])
       |整|钟)?
)
"""

_OFFICE = (
    rf"(?P<office_half>上午|中午|午间|下午)?(?P<office>下班|收工|上班)(?P<office_by>{_BY_HOUR})?"
)
_NOON = rf"(?P<noon>(?:中午|正午|晌午|(?<![上下])午)(?={_BY_HOUR})|中午|正午|晌午|(?P<forenoon>上午)(?={_BY_HOUR}))"

# Every day, part of a day and hour begins with one of these; it spares most positions the long
# list of what they may be.
_BEGINS = rf"""(?=
  [0-9{_CHINESE}]{{1,4}}[年月日号点时:./-]
  |[今明当每](?:[天日儿黑一早晚晨夜月周星礼]|上午|下午|中午|后晌)
  |[周星礼早晨晚夜翌隔]|后[天日儿晌]|大[后早]|次[日月]|第二|[节假]后|收[假工]|本[周星礼月]|这[个周星礼月]
  |国庆|中秋|端午|五一|清明|春节|元旦|上[个周星礼午班]|下[下一个工周星礼月午班]|[月年][底末]|凌晨|清[晨早]|[中正晌]午|午[间后夜之以前]|傍晚|[深半]夜
)"""

MOMENT = re.compile(
    rf"{_BEGINS}(?P<day_phrase>{_DAY})?(?P<tail>{_OFFICE}|{_CLOCK}|{_NOON})?"
    r"(?(day_phrase)|(?(tail)|(?!)))"  # one of the two
    rf"(?:\(含\))?(?:(?P<by>(?:下班)?(?:(?(tail)(?:{_BY_HOUR})|(?:{_BY_DAY})))|截止|截稿|截|为止|止|(?:还是)?不[变动])"
    r"|(?P<vague>左右|前后(?!台)|许|上下|[以之]?后(?![勤续台])))?",
    re.VERBOSE | re.ASCII,
)

_UNIT = "小时|钟头|钟(?![头点])|分钟|刻钟|个?(?:工作|自然)日|天|日|周|星期"
_COUNT = (
    rf"(?<![\d.])(?P<count>半个?|\d{{1,3}}(?:\.5)?|[{_CHINESE}俩仨]{{1,3}})(?P<and_half>个半)?个?"
)
_SPAN = (
    rf"{_COUNT}(?P<unit>{_UNIT})(?:(?<=[时头])(?P<minutes>\d{{1,2}}|[{_CHINESE}]{{1,3}})分钟?)?"
)
SPAN = re.compile(rf"{_SPAN}(?P<cue>之内|以内|内|之?后(?!到[,。!])|以后)", re.ASCII)
LEFT = re.compile(
    r"(?:还有|还剩|还(?=[\d一二两三四五六七八九十半])|只剩|仅剩|只有|剩下?|仲有|还差|最后|倒计时|再等|再过|"
    r"再给(?:大家|各位|你们)?|给(?:大家|各位|你们))"
    rf"(?:最后)?(?:不到)?{_SPAN}(?!\d)",
    re.ASCII,
)
# 名字,最后十分钟! 二十分钟: a clause that is nothing but a span counts down.
BARE = re.compile(
    rf"(?:^|[,。!?:….]){_SPAN}(?:(?=[,。!?….了]|$)|(?:就|后)?(?:倒计时|开始|出发|开会|锁|关))",
    re.ASCII,
)
LONGEST_COUNTDOWN = 40
"""In a longer text such a clause tells how long something takes."""

UNITS: dict[str, timedelta] = {
    "小时": timedelta(hours=1),
    "钟头": timedelta(hours=1),
    "钟": timedelta(hours=1),
    "分钟": timedelta(minutes=1),
    "刻钟": timedelta(minutes=15),
}
"""Spans that are added to the moment of sending; days run to the end of hours instead."""

WEEKS = frozenset({"周", "星期"})

BEFORE = 16
"""Characters before a moment that say what it is."""

AFTER = 32
"""Characters after it that say what it is for."""

# What stands before a moment.
DATA_CUT_OFF = re.compile(r"截至(?!时间|日期)(?:到|今|目前)?[^,。;\n]{0,6}$")
LIMIT_BEFORE = re.compile(
    r"(?:(?:截[止至](?:时间|日期)?|时限|期限|(?:完成|报送|提交|上报|上交)时间)(?:为|是|到|至|在)?|"
    r"不晚于|不迟于|不得晚于|最晚|最迟|限|限于|赶在|等(?:你们|大家|各位)?[到至]|ddl|deadline|死线|延长?期?[到至]|(?:投|报|填|学|答|收|开放|持续)到)[::]?(?:请?于|在)?$"
)
MOVED_BEFORE = re.compile(
    r"(?:(?<!整)改$|(?:改|调整?|推迟?|提前?|挪|延迟?|延期|顺延|变更|移)(?:到|至|为|成|在)(?:了)?$)"
)
PAST_BEFORE = re.compile(
    r"(?:昨天?|昨日|前天|前日|去年|原(?:定|计划|来|通知|安排)|本来)[^,。;\n]{0,4}$|(?:已经?|都|早就?|时间)过了?$"
)
COUNTED_BEFORE = re.compile(r"(?:强调|以下|这|那|说|提|讲|注意|记住|做到|补充|有|共|几|快|慢|差)$")
EVERY_BEFORE = re.compile(r"(?:每|每隔|隔|提前|未来|今后|过去|最近|近|超过)$")
LENGTH_BEFORE = re.compile(
    r"(?:视频|短片|片子|录像|录音|发言|汇报|时长|长度|讲话|不超过|控制在|限时|每人|每段|每家|一段|交流)"
    r"[^。;\n]{0,12}$"
)
FROM_AN_EVENT = re.compile(
    r"(?:(?:事发|发生|接警|接报|发现|发病|入院|出院|报警|出警)[^,。;\n]{0,4}"
    r"|(?:会|散会|结束|上班|到岗|到位|抵达|返回|回来|处置完?|完成|死亡|出险|落地)之?后?)$"
)
_MEETING = "会(?!员|计|费|签|议室|场)|会议(?!室)|培训|调度|点名|考试|考核|开考|讲座|党课|党日|动员|演练|仪式|约谈|集合|列队|试线|彩排|开讲"
MEETING_BEFORE = re.compile(rf"(?:{_MEETING})(?:定在|定于|时间|安排在|于|在)[::为]?$")

# What stands after one.
WEATHER_AFTER = re.compile(
    r"[^,。;\n]{0,14}?(?:[阵雷暴阴小中大]雨|降[雨雪水温]|大风|阵风|雷电|大雾|寒潮|台风)"
)
_OPENING = "开启|开放|开通|生效|执行|实施|上线(?![听看学签答])|启用|停[水电气]|断[水电网]|恢复|放假|试鸣|发放|开饭"
# 下班锁数据: the end of the day, without 前.
SHUT_AFTER = re.compile(r"就?(?:[锁截清]|收[表齐数口]|关[表门闸])")
# 截至5月底,登录率…: what the figures are of.
DATA_AFTER = re.compile(r"[^。;\n]{0,12}?(?:率|累计|[已仍还尚]|共)")
# 下午4点出去没回来, 周日18点已过, 17点前不得离岗: nothing is due then.
NOT_DUE_AFTER = re.compile(
    r"锁大?门|熄灯|关灯|清场|闭馆|已?过了?[,。]|已过|早过|[^,。;:、/\n]{0,8}?(?:失踪|失联|走失|离家)|出[去门](?!前)"
)
# 17点前不得离岗
FORBIDDEN_AFTER = re.compile(r"(?:不[能得准许要]|[别勿])(?![忘晚迟少拖])")
# 明早十点给我, 16点我汇总: it is handed over or shut then.
HANDED_AFTER = re.compile(
    r"(?:我|就|都|准时|统一)?(?:要|收(?!看)|交(?!通|流|接)|报(?!到|告)|给|汇总|锁|关表|关门|截止)"
)
OPENS_AFTER = re.compile(rf"(?:起|准时|正式|开始){{0,2}}(?:{_OPENING})")
OPEN_UNTIL_AFTER = re.compile(r"(?:开启|开放|开通)")
PERSONS_AFTER = re.compile(r"(?:年?满|出生|入[职党伍]|退休|参加工作)")
SPAN_OF_DATA_AFTER = re.compile(
    r"[^。;\n]{0,6}?(?:核酸|抗原|有效|旅居史|接触史|旅行史|新增|[雷暴大]雨|降[雨雪温])"
)
ON_DUTY_AFTER = re.compile(
    r"[^。;\n]{0,12}?(?:值班|值守|办公|营业|开放(?![^。;\n]{0,20}(?:打卡|签到|登记|填))|离岗|在岗|在线|畅通|午休)"
)
EARLY_AFTER = re.compile(r"[^。;\n]{0,12}?(?:集合|出发|起床|到岗|上岗|发车|乘车|上山|早操)")
MEETING_AFTER = re.compile(
    rf"[^,。;\n]{{0,26}}?(?:{_MEETING})|[^,。;\n没未]{{0,4}}?(?:[入到进]场|签到|到齐|[就落入]座)(?!的)"
)

EVENING = re.compile(r"(?<!最)晚")
OPENING_HOURS_BEFORE = re.compile(r"(?:开门|营业|办公|服务|接待|作息|上班)时间[^,。;\n]{0,12}$")
RANGE_BEFORE = re.compile(r"[点时半分整\d](?:到|至|-|—|–|~)$")
RANGE_BETWEEN = re.compile(r"\s{0,2}(?:到|至|-|—|–|~|——)\s{0,2}")
SERIES_AFTER = re.compile(r"\s{0,2}(?:(?:开始|起)?(?:到|至|-|—|–|~)|开始|起(?![草立诉]))")
SENTENCE_END = re.compile(r"[。;!?\n]")


def number(text: str) -> int:
    """A number up to 99 in digits or Chinese; ValueError when the signs make none."""
    if text.isascii() and text.isdigit():
        return int(text)
    tens, ten, units = text.partition("十")
    if not ten:
        return int("".join(str(_DIGIT[sign]) for sign in text))
    if len(tens) > 1 or len(units) > 1 or "十" in units:
        raise ValueError("expected a number up to 99")
    return (_DIGIT[tens] if tens else 1) * 10 + (_DIGIT[units] if units else 0)


def without_gaps(text: str) -> str:
    """Spaces taken out of 视 频 调 度, but not from between figures or after 2.; lines stay."""
    plain = text.replace("∶", ":")
    if "廿" in plain:
        plain = plain.replace("廿", "二十")
    if "\u20e3" in plain:
        plain = _KEYCAP.sub("", plain)
    return _GAP.sub("", plain) if _BLANK.search(plain) else plain


# 5️⃣点, 1️⃣7️⃣:3️⃣0️⃣; the figure of a list (1️⃣8点前) keeps its frame.
_KEYCAP = re.compile(r"(?<=\d)\ufe0f?\u20e3(?=[点时:月日号]|\d\ufe0f?\u20e3)")
_BLANK = re.compile(r"[ \t\u3000\xa0]")
_GAP = re.compile(r"(?<![\d.])[ \t\u3000\xa0]+|[ \t\u3000\xa0]+(?!\d)")
