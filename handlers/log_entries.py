"""What of the books becomes a leaf: said openly, or committed to."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace

from bot.domain.limit_changes import LimitChange
from bot.domain.log_leaves import Entry, LeafKind, canonical
from bot.domain.measured_error import MeasuredError
from bot.domain.periods import Week
from handlers.proof_ports import DisputeStep, HeldRole, Opening


def of_roles(held: Sequence[HeldRole], number: int) -> Entry:
    """The role table as it stands: how many hold a role is open, who and for what committed to."""
    rows = sorted([each.role.value, each.scope, _mark_of_person(each)] for each in held)
    said: dict[str, str | int] = {"number": number, **Counter(each.role.value for each in held)}
    return Entry(LeafKind.ROLES, f"roles {number}", said, canonical({"roles": rows}))


def _mark_of_person(held: HeldRole) -> str:
    """The same person's is the same; a roster can be tried against it by whoever is given it."""
    named = "\0".join((held.platform, held.account, held.person.reveal()))
    return hashlib.sha256(named.encode()).hexdigest()[:16]


def of_dispute(step: DisputeStep) -> Entry:
    """What was decided is open; of which group and unit, and which kinds where it is not about the
    whole count, is committed to."""
    said: dict[str, str | int] = {
        "week": str(step.week),
        "in_week": str(step.in_week),
        "state": step.state.value,
        "after_close": int(step.after_close),
    }
    where: dict[str, object] = {"group": step.group, "unit": step.unit, "by": step.by}
    if step.kinds:
        where["kinds"] = [kind.value for kind in step.kinds]
    content = canonical(where)
    return Entry(LeafKind.DISPUTE, f"dispute {step.mark}", said, content)


def of_limit(change: LimitChange) -> Entry:
    """What was decided; by whom stays in the books."""
    limit = {name: str(value) for name, value in asdict(change.limit).items()}
    content = canonical(
        {
            **limit,
            "source": change.source.value,
            "removed": int(change.removed),
            "effective_on": str(change.effective_on or ""),
        }
    )
    subject = f"limit {change.number} {change.state}"
    return Entry(
        LeafKind.LIMIT, subject, {"number": change.number, "state": change.state.value}, content
    )


def of_sample(sample: MeasuredError) -> Entry:
    """What a labelled sample showed; it is about judgement, and open."""
    mark = hashlib.sha256(sample.text().encode()).hexdigest()[:16]
    said: dict[str, str | int] = asdict(replace(sample, kinds=()))
    del said["kinds"]
    for one in sample.kinds:
        numbers = asdict(one)
        said |= {f"{one.kind} {part}": n for part, n in numbers.items() if part != "kind"}
    return Entry(LeafKind.SAMPLE, f"sample {mark}", said)


def of_deletion(week: Week, records: int) -> Entry:
    """What the rewrite of the complaint store after a week deleted by age; committed to."""
    content = canonical({"complaint_records": records})
    subject = f"forgotten complaints {week}"
    return Entry(LeafKind.FORGOTTEN, subject, {"week": str(week)}, content)


def of_opening(one: Opening) -> bytes:
    """A line for an auditor."""
    held = {"n": one.n, "nonce": one.nonce.hex(), "content": one.content.decode()}
    return canonical(held) + b"\n"
