"""A parcel as a letter: plain words and files."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Mapping
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from bot.platforms.plain import plain_text
from handlers.ports import Parcel

_OTHER = "application/octet-stream"
_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def letter(
    parcel: Parcel, files: Mapping[str, bytes], sender: Address, sent_at: datetime
) -> bytes:
    """RFC 5322 in lines of ASCII that end in CRLF, none of which begins with a dot.

    Its Message-ID hangs on the parcel alone: a letter that is sent again is the same letter, and
    many servers drop the second. `Auto-Submitted` keeps out-of-office replies away (RFC 3834).
    """
    mark = _mark(parcel)
    made = EmailMessage(policy=SMTP)
    made["From"] = sender
    made["To"] = parcel.destination.id.reveal()
    made["Subject"] = " ".join(parcel.title.split())
    made["Date"] = format_datetime(sent_at)
    made["Message-ID"] = f"<{mark}@{sender.domain}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(plain_text(parcel.markdown), cte="base64")
    for name, content in files.items():
        main, _, sub = _type_of(name).partition("/")
        made.add_attachment(content, maintype=main, subtype=sub, filename=name)
    if files:
        made.set_boundary(f"=_{mark}")  # the standard library's is drawn by chance
    return made.as_bytes()


def _mark(parcel: Parcel) -> str:
    named = f"{parcel.key}\0{parcel.destination.id.reveal()}"
    return hashlib.sha256(named.encode()).hexdigest()[:32]


def _type_of(name: str) -> str:
    form = name.rpartition(".")[2].lower()
    return _TYPES.get(form) or mimetypes.types_map.get(f".{form}", _OTHER)
