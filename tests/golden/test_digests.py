"""Digests as they will be read. `make golden` rewrites them; reviewing the difference is reviewing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.renderings.chat_markdown import chat_markdown
from bot.renderings.json_document import encode_digest
from bot.renderings.web_page import web_page
from tests.golden.weeks import WEEKS

FOLDER = Path(__file__).parent / "digests"


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
@pytest.mark.parametrize("name", WEEKS)
def test_a_digest_reads_as_it_did(name: str, locale: str) -> None:
    digest = WEEKS[name](locale)
    rendered = {
        "md": chat_markdown(digest.document).encode(),
        "html": web_page(digest.document).encode(),
        "json": encode_digest(digest),
    }

    for ending, text in rendered.items():
        golden = FOLDER / f"{name}.{locale}.{ending}"
        if os.environ.get("GOLDEN") == "rewrite":
            golden.write_bytes(text)
        assert golden.read_bytes() == text, f"{golden.name} differs; look, then `make golden`"
