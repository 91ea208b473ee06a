"""What an outbox keeps of a file: its name, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.attachments import ATTACHED_FORMS, Attachment, attached_forms
from bot.domain.issues import Issue
from bot.domain.periods import Week

attachments = st.builds(
    Attachment,
    st.builds(
        Issue,
        st.builds(Week, st.integers(2020, 2099), st.integers(1, 52)),
        st.text(min_size=1, max_size=64),
        st.integers(1, 30),
    ),
    st.sampled_from(ATTACHED_FORMS),
)


@given(attachments, st.text("0123456789abcdef", min_size=16, max_size=16))
def test_the_key_of_a_parcel_names_what_is_attached(attachment, mark):
    assert Attachment.of_key(attachment.key(mark)) == attachment


@given(attachments, st.text("0123456789abcdef", min_size=16, max_size=16))
def test_the_key_of_the_words_names_the_issue(attachment, mark):
    issue = attachment.issue

    assert Issue.of_key(issue.key(mark)) == issue
    assert Issue.labelled(issue.label, issue.office) == issue


@pytest.mark.parametrize(
    "key",
    [
        "digest-file:2026-W42:docx:0123456789abcdef:county",
        "digest:2026-W42:0123456789abcdef",
        "digest:2026-W42-r1:county:0123456789abcdef",
        "digest:2026-W54:county:0123456789abcdef",
        "hint:2026-W42:county:0123456789abcdef",
        "",
    ],
)
def test_no_other_key_names_an_issue(key):
    assert Issue.of_key(key) is None


@pytest.mark.parametrize(
    "key",
    [
        "digest:2026-W42:county:0123456789abcdef",
        "digest-file:2026-W42:docx:0123456789abcdef",
        "digest-file:2026-W54:docx:0123456789abcdef:county",
        "digest-file:2026-W42:exe:0123456789abcdef:county",
        "digest-file",
        "",
    ],
)
def test_any_other_key_names_nothing(key):
    assert Attachment.of_key(key) is None


@given(st.text(max_size=200))
def test_a_file_name_cannot_break_out_of_a_form_or_a_folder(title):
    name = Attachment(Issue(Week(2026, 42), "county"), "docx").file_name(title)

    assert name.endswith(" 2026-W42.docx")
    assert not set(name) & set('\r\n\0/\\"<>|:*?')
    assert len(name) <= 80


@pytest.mark.parametrize(
    ("written", "forms"),
    [("", ()), ("docx", ("docx",)), (" DOCX, pdf,docx,", ("docx", "pdf"))],
)
def test_forms_are_read_from_a_list(written, forms):
    assert attached_forms(written) == forms


def test_an_unknown_form_is_refused_with_those_that_are_possible():
    with pytest.raises(ValueError, match="docx, pdf, xlsx, png"):
        attached_forms("docx,exe")
