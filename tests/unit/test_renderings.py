"""One document, three forms, the same values; and nothing that a name could smuggle in."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.documents import (
    Bullets,
    Column,
    Document,
    Figure,
    Figures,
    Note,
    Paragraph,
    Row,
    Section,
    Strip,
    StripCell,
    Table,
)
from bot.domain.errors import BadInput
from bot.platforms.splitting import split_markdown
from bot.renderings.chat_markdown import chat_markdown
from bot.renderings.json_document import decode_digest, decode_figures, encode_digest
from bot.renderings.web_page import web_page
from tests.golden.weeks import WEEKS, busy

# The machine may be busy; how long an example takes says nothing here.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
# What JSON and pages can carry; surrogates are no text.
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
blocks = st.one_of(
    st.builds(Paragraph, words),
    st.builds(Note, words),
    st.builds(Bullets, st.lists(words, max_size=4).map(tuple), st.booleans()),
    st.builds(Figures, st.lists(st.builds(Figure, words, words, words), max_size=3).map(tuple)),
    st.builds(
        lambda caption, rows: Table(
            caption, (Column("a"), Column("b", is_number=True)), tuple(rows)
        ),
        words,
        st.lists(st.builds(Row, st.tuples(words, words), words), max_size=3),
    ),
    st.builds(
        Strip,
        words,
        st.lists(st.builds(StripCell, words, st.integers(0, 99), st.booleans()), max_size=7).map(
            tuple
        ),
        words,
    ),
)
documents = st.builds(
    Document,
    st.just("zh-CN"),
    words,
    words,
    st.lists(words, max_size=3).map(tuple),
    st.lists(st.builds(Section, words, st.lists(blocks, max_size=3).map(tuple)), max_size=3).map(
        tuple
    ),
    st.lists(words, max_size=2).map(tuple),
)


class Outline(HTMLParser):
    """Tags of a page with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


# --- JSON ---


@pytest.mark.parametrize("name", WEEKS)
def test_a_digest_survives_being_stored(name: str) -> None:
    digest = WEEKS[name]("zh-CN")

    stored = encode_digest(digest)

    assert decode_digest(stored) == digest
    assert encode_digest(decode_digest(stored)) == stored
    assert decode_figures(stored) == digest.figures


@UNHURRIED
@given(documents)
def test_any_document_survives_being_stored(document: Document) -> None:
    digest = replace(busy(), document=document)

    assert decode_digest(encode_digest(digest)) == digest


def test_a_thousand_encodings_are_the_same_bytes() -> None:
    digest = busy()

    assert len({encode_digest(digest) for _ in range(1000)}) == 1


def test_keys_are_sorted_and_chinese_is_readable() -> None:
    held = json.loads(encode_digest(busy()))

    assert list(held) == sorted(held)
    assert "青石镇".encode() in encode_digest(busy())


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda held: held.pop("week"), "digest: week"),
        (lambda held: held.update(week="2026-42"), "expected.week"),
        (lambda held: held.update(format="other/9"), "qingzhuang-digest/1"),
        (lambda held: held["figures"].update(surprise=1), "surprise"),
        (lambda held: held["figures"].update(totals=[]), "figures.totals"),
        (lambda held: held["figures"]["coverage"].update(groups="8"), "coverage.groups"),
        (lambda held: held["figures"]["over_limit"][0]["item"].update(scope="x"), "scope"),
        (lambda held: held["document"].update(sections=3), "document.sections"),
        (lambda held: held["document"]["sections"][0]["blocks"][0].update(block="x"), "block"),
        (lambda held: held["document"]["sections"][0]["blocks"].append(7), "block"),
        (lambda held: held["document"]["sections"].append(7), r"sections\[7\]"),
    ],
)
def test_a_spoilt_file_is_refused_by_field(change, expected: str) -> None:  # type: ignore[no-untyped-def]
    held = json.loads(encode_digest(busy()))
    change(held)

    with pytest.raises(BadInput, match=expected):
        decode_digest(json.dumps(held).encode())


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(BadInput, match=r"expected\.json"):
        decode_digest(b"\xff{")


# --- chat ---


@pytest.mark.parametrize("limit", [2048, 4096, 15_000])
@pytest.mark.parametrize("name", WEEKS)
def test_a_platform_may_cut_it_and_no_line_is_cut_in_half(name: str, limit: int) -> None:
    text = chat_markdown(WEEKS[name]("zh-CN").document)

    parts = split_markdown(text, limit)

    lines = [line for part in parts for line in part.splitlines() if line]
    assert all(len(part.encode()) <= limit for part in parts)
    assert lines == [line for line in text.splitlines() if line]


def test_no_table_goes_to_a_chat() -> None:
    assert "|" not in chat_markdown(busy().document)


def test_a_name_cannot_become_markup_or_a_mention() -> None:
    document = Document(
        "zh-CN", "t", "m", (), (Section("s", (Paragraph("*x* [a](b) <@all> `c`\n# d"),)),), ()
    )

    text = chat_markdown(document)

    assert "＊x＊ ［a］(b) ＜＠all＞ ｀c｀ ＃ d" in text
    assert "@" not in text


@UNHURRIED
@given(documents)
def test_any_document_can_be_said(document: Document) -> None:
    text = chat_markdown(document)

    assert "@" not in text
    assert not re.search(r"\n{3,}", text)


# --- page ---


def page_of(name: str, locale: str = "zh-CN") -> str:
    return web_page(WEEKS[name](locale).document)


@pytest.mark.parametrize("name", WEEKS)
def test_the_page_needs_nothing_but_itself(name: str) -> None:
    outline = Outline(page_of(name))

    assert not outline.all("script")
    assert not outline.all("link")
    assert not outline.all("img")
    assert not re.search(r"(https?:)?//\w|url\(|@import", page_of(name))
    assert not any(
        attribute.startswith("on") or attribute in ("href", "src")
        for _, attributes in outline.tags
        for attribute in attributes
    )


def test_the_page_says_its_language_and_its_headings_lead_through_it() -> None:
    outline = Outline(page_of("busy", "en"))
    headings = [tag for tag, _ in outline.tags if re.fullmatch(r"h\d", tag)]

    assert outline.all("html") == [{"lang": "en"}]
    assert headings == ["h1"] + ["h2"] * 8  # the annex is the eighth


def test_tables_have_captions_and_say_what_their_heads_belong_to() -> None:
    outline = Outline(page_of("busy"))

    assert len(outline.all("caption")) == len(outline.all("table")) > 1
    assert all(head.get("scope") in ("col", "row") for head in outline.all("th"))


def test_the_picture_is_told_in_words_too() -> None:
    heat, bars = Outline(page_of("busy")).all("svg")

    assert heat["role"] == bars["role"] == "img"
    assert "周四6次" in (heat["aria-label"] or "")
    assert "打卡接龙19件" in (bars["aria-label"] or "")


def test_the_page_prints_on_a4_and_knows_the_dark() -> None:
    assert "@page { size: A4" in page_of("busy")
    assert "prefers-color-scheme: dark" in page_of("busy")


def test_the_page_is_marked_as_internal_and_has_no_red_head() -> None:
    page = page_of("busy")

    assert "供内部参考" in page
    assert "印章" not in page


@UNHURRIED
@given(words)
def test_no_name_can_break_out_of_the_page(name: str) -> None:
    hostile = f"<script>alert(1)</script>\"'{name}"
    strip = Strip(hostile, (StripCell(hostile, 1, False),), hostile)
    table = Table(hostile, (Column(hostile),), (Row((hostile,), hostile),))
    document = Document(
        "zh-CN", hostile, hostile, (hostile,), (Section(hostile, (table, strip)),), (hostile,)
    )

    outline = Outline(web_page(document))

    assert not outline.all("script")
    assert unescape("&lt;script&gt;") in "".join(outline.texts)


def test_every_number_of_the_document_is_in_every_form() -> None:
    document = busy().document
    page, chat = web_page(document), chat_markdown(document)

    for section in document.sections:
        for block in section.blocks:
            if isinstance(block, Table):
                for row in block.rows:
                    assert all(cell in page for cell in row.cells)
                    assert all(number in chat for number in re.findall(r"\d+", row.sentence))
            if isinstance(block, Figures):
                assert all(one.value in page and one.value in chat for one in block.items)
