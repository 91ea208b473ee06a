"""What becomes of a closed week, put together: composed, logged, handed out, attached."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.crypto.international import International
from bot.crypto.log_signing import FolderSigningKeys
from bot.domain.attachments import attached_forms
from bot.domain.documents import Document
from bot.domain.measured_error import MeasuredError
from bot.domain.periods import Week
from bot.domain.texts import Texts
from bot.domain.work_calendar import OfficeHours, WorkCalendar
from bot.renderings.chat_markdown import chat_markdown
from bot.renderings.forms import rendered
from bot.renderings.json_document import (
    decode_digest,
    decode_figures,
    encode_closing,
    encode_digest,
)
from bot.wiring.samples import last_sample
from config.minutes_file import load_minutes
from config.settings import Settings
from handlers.attach_digests import AttachDigests
from handlers.card_words import CardWords
from handlers.complaints.ports import ReturnedFigures
from handlers.hand_out_digests import HandOutDigests
from handlers.keep_limits import KeepLimits
from handlers.keep_log import KeepLog
from handlers.ports import Clock, FileSpeaker, Speaker
from handlers.preview_digests import PreviewDigests
from handlers.publish_closings import PublishClosings
from handlers.publish_digest import DigestForms, DigestPolicy, PublishDigests
from storage.key_files import KeyFolder
from storage.store import Store


@dataclass(frozen=True, slots=True)
class Publishing:
    """The use cases from the close to the outbox."""

    publish: PublishDigests
    closings: PublishClosings
    log: KeepLog
    hand_out: HandOutDigests
    preview: PreviewDigests
    attach: AttachDigests


def open_publishing(
    settings: Settings,
    store: Store,
    clock: Clock,
    token_bytes: Callable[[int], bytes],
    calendar: WorkCalendar,
    texts: Texts,
    limits: KeepLimits,
    speakers: Mapping[str, Speaker],
    returned: ReturnedFigures | None,
    deletions: Callable[[], Awaitable[Sequence[tuple[Week, int]]]] | None = None,
) -> Publishing:
    """As the office's settings have it. Raises BadInput for a table of minutes that is wrong.

    `speakers` may be filled afterwards. `deletions` are those of the complaint store, by week.
    """
    hours = OfficeHours.parse(settings.schedule.office_hours)

    async def measured_error() -> MeasuredError | None:
        return await last_sample(store.cursors)

    signer = International(token_bytes)
    log = KeepLog(
        log=store.proof_log,
        keys=FolderSigningKeys(lambda: KeyFolder(settings.proof_key_dir, token_bytes), signer),
        verify=signer.verify,
        ledger=store.ledger,
        shelf=store.shelf,
        closings=store.closings,
        keyring=store.keyring,
        limits=store.limit_log,
        clock=clock,
        zone=settings.zone,
        disputes=store.disputes,
        roles=store.registry,
        measured_error=measured_error,
        deletions=deletions,
    )
    publish = PublishDigests(
        ledger=store.ledger,
        shelf=store.shelf,
        outbox=store.outbox,
        registry=store.registry,
        routes=store.routes,
        clock=clock,
        calendar=calendar,
        texts=texts,
        forms=DigestForms(encode_digest, decode_figures),
        policy=DigestPolicy(
            title=settings.office.title,
            compiled_by=settings.office.compiled_by,
            zone=settings.zone,
            limits_on=limits.on,
            as_codes=settings.office.unit_names == "codes",
            minutes=load_minutes(settings.minutes),
        ),
        returned=returned,
        disputes=store.disputes,
        registers=store.registers,
        backgrounds=store.backgrounds,
        last_checkpoint=log.last_checkpoint,
        measured_error=measured_error,
    )
    closings = PublishClosings(
        weeks=publish,
        closings=store.closings,
        ledger=store.ledger,
        grace=timedelta(hours=settings.schedule.close_grace_hours),
        encode=encode_closing,
        targets=settings.office.targets,
        last_checkpoint=log.last_checkpoint,
    )
    preview = PreviewDigests(
        cursors=store.cursors,
        shelf=store.shelf,
        outbox=store.outbox,
        registry=store.registry,
        clock=clock,
        calendar=calendar,
        hours=hours,
        zone=settings.zone,
        texts=texts,
        lasts_for=timedelta(hours=settings.office.preview_hours),
        waits=settings.office.preview_ends == "waits",
    )
    hand_out = HandOutDigests(
        ledger=store.ledger,
        shelf=store.shelf,
        outbox=store.outbox,
        registry=store.registry,
        clock=clock,
        calendar=calendar,
        hours=hours,
        zone=settings.zone,
        document=document_of,
        markdown=chat_markdown,
        attach=attached_forms(settings.office.attach),
        carries_files=lambda platform: isinstance(speakers.get(platform), FileSpeaker),
        cards=CardWords(texts) if settings.office.digest_card else None,
        preview=preview,
    )
    attach = AttachDigests(
        store.shelf, rendered, lambda kept: document_of(kept).title, log.proof_of
    )
    return Publishing(publish, closings, log, hand_out, preview, attach)


def document_of(kept: bytes) -> Document:
    """The document of a published digest."""
    return decode_digest(kept).document
