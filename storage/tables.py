"""The schema at a glance: every table and column that rests on disk.

Weeks are integers, 2026-W42 as 202642; a moment is UTC. Nothing here can hold what somebody
said; platform ids stand only in the registry (`groups` to `office_destinations`) and in the
outbox, which serves registered destinations (DESIGN 8, 12.16).
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
    true,
)

from bot.domain.cards import CARD_ID_BYTES
from bot.domain.invites import MARK_BYTES
from bot.domain.judgement import EPISODE_BYTES
from bot.domain.log_leaves import NONCE_BYTES
from bot.domain.pseudonyms import TAG_BYTES
from bot.domain.tallies import COUNTED

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = MetaData(naming_convention=NAMES)

CODE = String(64)  # our own codes: group, unit, line, office
WORD = String(32)  # a word of a closed list in bot/domain/vocabulary
ID = String(256)  # a platform's id, in the registry and the outbox only
TAG = LargeBinary(TAG_BYTES)
EPISODE = LargeBinary(EPISODE_BYTES)

# SQLite numbers rows by itself only in a column called INTEGER.
NUMBER = BigInteger().with_variant(Integer, "sqlite")


class Moment(TypeDecorator[datetime]):
    """An aware moment, kept in UTC. A naive one is refused with ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """What the database gets."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone is not kept")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """What comes back: always aware."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# --- The registry: configuration that people entered ------------------------------------------

groups = Table(
    "groups",
    metadata,
    Column("code", CODE, primary_key=True),
    Column("alias", String(128), nullable=False),
    Column("unit", CODE, nullable=False),
    Column("line", CODE, nullable=False),
    Column("size", Integer, nullable=False),
    Column("zone", String(64), nullable=False),
    Column("hours", String(512), nullable=False),
    Column("retired", Boolean, nullable=False),
    CheckConstraint("size >= 0", name="size"),
    sqlite_with_rowid=False,
)

bindings = Table(
    "bindings",
    metadata,
    Column("platform", WORD, nullable=False),
    Column("account", ID, nullable=False),
    Column("chat_id", ID, nullable=False),
    Column("group_code", CODE, ForeignKey("groups.code"), nullable=False),
    Column("sees_everything", Boolean, nullable=False),
    # False once the platform said that the chat was dissolved or the robot removed.
    Column("active", Boolean, nullable=False, server_default=true()),
    PrimaryKeyConstraint("platform", "account", "chat_id"),
    sqlite_with_rowid=False,
)

units = Table(
    "units",
    metadata,
    Column("code", CODE, primary_key=True),
    Column("name", String(128), nullable=False),
    # 0 and empty: nobody entered it.
    Column("staff", Integer, nullable=False, server_default=text("0")),
    Column("level", WORD, nullable=False, server_default=text("''")),
    sqlite_with_rowid=False,
)

# Which departments of a platform a unit is, and the line of command they belong to.
departments = Table(
    "departments",
    metadata,
    Column("platform", WORD, nullable=False),
    Column("department", CODE, nullable=False),
    Column("unit", CODE, ForeignKey("units.code"), nullable=False),
    Column("line", CODE, nullable=False),
    PrimaryKeyConstraint("platform", "department"),
    sqlite_with_rowid=False,
)

# A code is said in a group to bind its chat; only a mark of it is kept, until it expires.
invites = Table(
    "invites",
    metadata,
    Column("mark", LargeBinary(MARK_BYTES), primary_key=True),
    Column("group_code", CODE, ForeignKey("groups.code"), nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("robot", Boolean, nullable=False),
    Column("whole", Boolean, nullable=False),
    sqlite_with_rowid=False,
)

roles = Table(
    "roles",
    metadata,
    Column("platform", WORD, nullable=False),
    Column("account", ID, nullable=False),
    Column("person", ID, nullable=False),
    Column("role", WORD, nullable=False),
    Column("scope", CODE, nullable=False),
    Column("granted_on", Date, nullable=False),
    PrimaryKeyConstraint("platform", "account", "person", "role", "scope"),
    sqlite_with_rowid=False,
)

offices = Table(
    "offices",
    metadata,
    Column("code", CODE, primary_key=True),
    Column("title", String(128), nullable=False),
    Column("units", Text, nullable=False),
    sqlite_with_rowid=False,
)

office_destinations = Table(
    "office_destinations",
    metadata,
    Column("office", CODE, ForeignKey("offices.code", ondelete="CASCADE"), nullable=False),
    Column("place", SmallInteger, nullable=False),
    Column("platform", WORD, nullable=False),
    Column("account", ID, nullable=False),
    Column("is_group", Boolean, nullable=False),
    Column("recipient", ID, nullable=False),
    PrimaryKeyConstraint("office", "place"),
    sqlite_with_rowid=False,
)

# --- Limits and registers: what the office decided; `by` are codes of bot.domain.actors ---------

# Every version of every limit; a proposal's `state` is the only thing that ever changes.
limit_changes = Table(
    "limit_changes",
    metadata,
    Column("number", NUMBER, primary_key=True),
    Column("measure", WORD, nullable=False),
    Column("scope", WORD, nullable=False),
    Column("window", WORD, nullable=False),
    Column("only", CODE, nullable=False),
    Column("at_most", Integer, nullable=False),
    Column("ground", WORD, nullable=False),
    Column("basis", CODE, nullable=False),
    Column("basis_text", Text, nullable=False),
    Column("warn_at", Integer, nullable=False),
    Column("days", WORD, nullable=False),
    Column("actions", CODE, nullable=False),
    Column("removed", Boolean, nullable=False),
    Column("source", WORD, nullable=False),
    Column("state", WORD, nullable=False),
    Column("proposed_at", Moment, nullable=False),
    Column("by", CODE, nullable=False),
    Column("confirmed_by", CODE, nullable=False),
    Column("effective_on", Date),
)

filings = Table(
    "filings",
    metadata,
    Column("number", CODE, primary_key=True),
    Column("sort", WORD, nullable=False),
    Column("title", String(256), nullable=False),
    Column("starts", Date, nullable=False),
    Column("ends", Date, nullable=False),
    Column("unit", CODE, nullable=False),
    Column("line", CODE, nullable=False),
    Column("kinds", Integer, nullable=False),
    Column("words", String(1024), nullable=False),
    Column("quota", Integer),
    Column("retired", Boolean, nullable=False),
    Column("group_code", CODE, nullable=False, server_default=text("''")),
    # Pseudonyms under the keys of weeks, which live 28 days.
    Column("authors", String(256), nullable=False, server_default=text("''")),
    sqlite_with_rowid=False,
)

# Entries that wait for a second person; settled ones stay for their number.
filing_proposals = Table(
    "filing_proposals",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("number", CODE, nullable=False),
    Column("sort", WORD, nullable=False),
    Column("title", String(256), nullable=False),
    Column("starts", Date, nullable=False),
    Column("ends", Date, nullable=False),
    Column("unit", CODE, nullable=False),
    Column("line", CODE, nullable=False),
    Column("group_code", CODE, nullable=False),
    Column("kinds", Integer, nullable=False),
    Column("words", String(1024), nullable=False),
    Column("quota", Integer),
    Column("authors", String(256), nullable=False),
    Column("proposed_at", Moment, nullable=False),
    Column("state", WORD, nullable=False),
)

emergencies = Table(
    "emergencies",
    metadata,
    Column("id", CODE, primary_key=True),
    Column("basis", String(256), nullable=False),
    Column("level", CODE, nullable=False),
    Column("starts", Moment, nullable=False),
    Column("ends", Moment, nullable=False),
    Column("by", CODE, nullable=False),
    Column("group_code", CODE, nullable=False),
    Column("unit", CODE, nullable=False),
    Column("closed_at", Moment),
    Column("closed_by", CODE, nullable=False),
    sqlite_with_rowid=False,
)

marks = Table(
    "marks",
    metadata,
    Column("id", CODE, primary_key=True),
    Column("sort", WORD, nullable=False),
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=False),
    Column("by", CODE, nullable=False),
    Column("weekday", SmallInteger, nullable=False),
    Column("unit", CODE, nullable=False),
    sqlite_with_rowid=False,
)

# Who entered, changed or ended what: an entry, an emergency, a mark.
register_steps = Table(
    "register_steps",
    metadata,
    Column("number", NUMBER, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("by", CODE, nullable=False),
    Column("deed", WORD, nullable=False),
    Column("subject", CODE, nullable=False),
)

# What was last said of a limit's window, so that it is said once a day and after each rise only.
limit_notes = Table(
    "limit_notes",
    metadata,
    Column("subject", String(256), nullable=False),
    Column("first", Date, nullable=False),
    Column("level", WORD, nullable=False),
    Column("counted", Integer, nullable=False),
    Column("said_on", Date, nullable=False),
    PrimaryKeyConstraint("subject", "first"),
    sqlite_with_rowid=False,
)

# --- The books: what was counted --------------------------------------------------------------

seen = Table(
    "seen",
    metadata,
    Column("week", Integer, nullable=False),
    Column("tag", TAG, nullable=False),
    PrimaryKeyConstraint("week", "tag"),
    sqlite_with_rowid=False,
)

# Flags of facts are 0 or 1, so that closing a week is one sum on either database.
# The key begins with week and group because a week is closed, and a group's standing is asked
# for, by reading one stretch of it. A tag belongs to one week and one group.
facts = Table(
    "facts",
    metadata,
    Column("week", Integer, nullable=False),
    Column("group_code", CODE, nullable=False),
    Column("tag", TAG, nullable=False),
    Column("revision", SmallInteger, nullable=False),
    Column("weekday", SmallInteger, nullable=False),
    Column("hour", SmallInteger, nullable=False),
    Column("unit", CODE, nullable=False),
    Column("line", CODE, nullable=False),
    Column("act", WORD, nullable=False),
    Column("kinds", Integer, nullable=False),
    Column("ping", SmallInteger, nullable=False),
    Column("off_hours", SmallInteger, nullable=False),
    Column("episode", EPISODE),
    Column("opens", SmallInteger, nullable=False),
    Column("lead", WORD, nullable=False),
    Column("addressed", WORD),
    Column("exempt", WORD),
    Column("claimed_urgent", SmallInteger, nullable=False),
    Column("sender_tag", TAG, nullable=False),
    Column("rules", String(1024), nullable=False),
    Column("rulebook", String(64), nullable=False),
    Column("route", WORD, nullable=False),
    Column("reported", SmallInteger, nullable=False),
    PrimaryKeyConstraint("week", "group_code", "tag", "revision"),
    sqlite_with_rowid=False,
)

# Names the revisions that no longer stand; facts themselves are never changed.
superseded = Table(
    "superseded",
    metadata,
    Column("week", Integer, nullable=False),
    Column("tag", TAG, nullable=False),
    Column("revision", SmallInteger, nullable=False),
    PrimaryKeyConstraint("week", "tag", "revision"),
    sqlite_with_rowid=False,
)

# What a demand is compared with other groups' by. A closed week's minutes become hours, and the
# rows go when the week after it is closed: nobody looks further back.
demands = Table(
    "demands",
    metadata,
    Column("week", Integer, nullable=False),
    Column("group_code", CODE, nullable=False),
    Column("tag", TAG, nullable=False),
    Column("revision", SmallInteger, nullable=False),
    Column("minute", Integer, nullable=False),
    Column("due", Integer),
    Column("trace", LargeBinary, nullable=False),
    # Whose demand a forwarded chat record holds, empty where nobody tells; none for own words.
    Column("origin_unit", CODE),
    Column("origin_line", CODE),
    PrimaryKeyConstraint("week", "group_code", "tag", "revision"),
    sqlite_with_rowid=False,
)

# That an episode relays or repeats an earlier one of another group; `unit` and `line` are whom
# each is charged to, `shift` how the deadline moved. The earlier one of a chat record may have
# been heard by nobody: then its group is empty, and its unit and line where nobody tells them.
relations = Table(
    "relations",
    metadata,
    Column("week", Integer, nullable=False),
    Column("group_code", CODE, nullable=False),
    Column("episode", EPISODE, nullable=False),
    Column("kind", WORD, nullable=False),
    Column("unit", CODE, nullable=False),
    Column("line", CODE, nullable=False),
    Column("weekday", SmallInteger, nullable=False),
    Column("earlier_week", Integer, nullable=False),
    Column("earlier_group", CODE, nullable=False),
    Column("earlier_episode", EPISODE, nullable=False),
    Column("earlier_unit", CODE, nullable=False),
    Column("earlier_line", CODE, nullable=False),
    Column("shift", WORD, nullable=False),
    Column("depth", SmallInteger, nullable=False),
    PrimaryKeyConstraint("week", "group_code", "episode", "kind"),
    sqlite_with_rowid=False,
)

# Every step of a dispute stays; the highest stands. `after_close` says that the week's numbers
# were out by then, so that they are corrected and not changed. `kinds` are those of the count that
# are disputed, as bits; 0 is the whole count.
dispute_steps = Table(
    "dispute_steps",
    metadata,
    Column("week", Integer, nullable=False),
    Column("group_code", CODE, nullable=False),
    Column("tag", TAG, nullable=False),
    Column("step", SmallInteger, nullable=False),
    Column("state", WORD, nullable=False),
    Column("by", WORD, nullable=False),
    Column("in_week", Integer, nullable=False),
    Column("after_close", SmallInteger, nullable=False),
    Column("kinds", Integer, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("week", "group_code", "tag", "step"),
    sqlite_with_rowid=False,
)

# How an episode stands to the registers: a number that it quotes or looks like, or none of them.
filed = Table(
    "filed",
    metadata,
    Column("week", Integer, nullable=False),
    Column("group_code", CODE, nullable=False),
    Column("episode", EPISODE, nullable=False),
    Column("number", CODE, nullable=False),
    Column("how", WORD, nullable=False),
    PrimaryKeyConstraint("week", "group_code", "episode", "number"),
    sqlite_with_rowid=False,
)

open_episodes = Table(
    "open_episodes",
    metadata,
    Column("place", NUMBER, primary_key=True),
    Column("group_code", CODE, nullable=False),
    Column("id", EPISODE, nullable=False),
    Column("week", Integer, nullable=False),
    Column("state", LargeBinary, nullable=False),
    UniqueConstraint("group_code", "id"),
)

# `unit` and `line` are whom the group belonged to when the week was closed.
coverage = Table(
    "coverage",
    metadata,
    Column("week", Integer, nullable=False),
    Column("weekday", SmallInteger, nullable=False),
    Column("group_code", CODE, nullable=False),
    Column("route", WORD, nullable=False),
    Column("messages", Integer, nullable=False),
    Column("late", Integer, nullable=False),
    Column("unit", CODE),
    Column("line", CODE),
    PrimaryKeyConstraint("week", "weekday", "group_code", "route"),
    sqlite_with_rowid=False,
)

# One row for each place and day, one column for each number: a dozen rows in one.
tallies = Table(
    "tallies",
    metadata,
    Column("week", Integer, nullable=False),
    Column("group_code", CODE, nullable=False),
    Column("unit", CODE, nullable=False),
    Column("line", CODE, nullable=False),
    Column("weekday", SmallInteger, nullable=False),
    *(
        Column(measure.value, Integer, nullable=False, server_default=text("0"))
        for measure in COUNTED
    ),
    PrimaryKeyConstraint("week", "group_code", "unit", "line", "weekday"),
    sqlite_with_rowid=False,
)

closed_weeks = Table(
    "closed_weeks",
    metadata,
    Column("week", Integer, primary_key=True, autoincrement=False),
    Column("closed_at", Moment, nullable=False),
    Column("facts", Integer, nullable=False),
    Column("messages", Integer, nullable=False),
    Column("incomplete", Boolean, nullable=False),
    Column("rulebook", String(64), nullable=False),
)

lost_keys = Table(
    "lost_keys",
    metadata,
    Column("week", Integer, primary_key=True, autoincrement=False),
)

# --- What goes out, and what runs once --------------------------------------------------------

digests = Table(
    "digests",
    metadata,
    Column("week", Integer, nullable=False),
    Column("office", CODE, nullable=False),
    Column("composed_at", Moment, nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("number", Integer, nullable=False, server_default=text("1")),
    PrimaryKeyConstraint("week", "office", "number"),
)

week_backgrounds = Table(
    "week_backgrounds",
    metadata,
    Column("week", Integer, primary_key=True, autoincrement=False),
    Column("document", LargeBinary, nullable=False),
)

closings = Table(
    "closings",
    metadata,
    Column("span", String(8), nullable=False),
    Column("office", CODE, nullable=False),
    Column("number", Integer, nullable=False),
    Column("composed_at", Moment, nullable=False),
    Column("sources", String(512), nullable=False),
    Column("document", LargeBinary, nullable=False),
    PrimaryKeyConstraint("span", "office", "number"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("key", String(256), nullable=False, unique=True),
    Column("platform", WORD, nullable=False),
    Column("account", ID, nullable=False),
    Column("is_group", Boolean, nullable=False),
    Column("recipient", ID, nullable=False),
    Column("title", String(256), nullable=False),
    Column("markdown", Text, nullable=False),
    Column("not_before", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("state", WORD, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error", String(128), nullable=False),
    Column("urgency", SmallInteger, nullable=False, server_default=text("0")),
    Column("expires_at", Moment),
    Column("parts", SmallInteger, nullable=False, server_default=text("0")),
    Column("said_at", Moment),
    Column("receipts", Text, nullable=False, server_default=text("''")),
    Column("card", Text, nullable=False, server_default=text("''")),
    Index(None, "state", "due_at"),
)

# Cards that were clicked, by the random ids that the bot drew: who clicked is not written.
spent_cards = Table(
    "spent_cards",
    metadata,
    Column("card", LargeBinary(CARD_ID_BYTES), primary_key=True),
    Column("until", Date, nullable=False),
    sqlite_with_rowid=False,
)

# What is not to be changed unseen. `line` is the leaf as it is given to anybody; `nonce` and
# `content` (deflated) are what it commits to, and those of hours go when facts go.
proof_leaves = Table(
    "proof_leaves",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", WORD, nullable=False),
    Column("subject", String(256), nullable=False, unique=True),
    Column("line", Text, nullable=False),
    Column("nonce", LargeBinary(NONCE_BYTES)),
    Column("content", LargeBinary),
    Index(None, "kind", "number"),
)

proof_checkpoints = Table(
    "proof_checkpoints",
    metadata,
    Column("size", Integer, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
)

# When routes on which a platform pushes were connected, to the minute. About routes, not people.
watched_routes = Table(
    "watched_routes",
    metadata,
    Column("route", WORD, primary_key=True),
    Column("since", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    sqlite_with_rowid=False,
)

route_gaps = Table(
    "route_gaps",
    metadata,
    Column("route", WORD, nullable=False),
    Column("began_at", Moment, nullable=False),
    Column("ended_at", Moment),
    PrimaryKeyConstraint("route", "began_at"),
    sqlite_with_rowid=False,
)

# What was used of the platforms' daily and monthly quotas: numbers of calls, by account.
spendings = Table(
    "spendings",
    metadata,
    Column("platform", WORD, nullable=False),
    Column("account", ID, nullable=False),
    Column("day", Date, nullable=False),
    Column("calls", Integer, nullable=False),
    PrimaryKeyConstraint("platform", "account", "day"),
    sqlite_with_rowid=False,
)

cursors = Table(
    "cursors",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("value", String(256), nullable=False),
    sqlite_with_rowid=False,
)

job_runs = Table(
    "job_runs",
    metadata,
    Column("job", String(64), nullable=False),
    Column("due", Moment, nullable=False),
    Column("claimed_at", Moment, nullable=False),
    Column("done", Boolean, nullable=False),
    PrimaryKeyConstraint("job", "due"),
    sqlite_with_rowid=False,
)
