"""Rule files → Rulebook; one fault anywhere refuses the whole of it, with file, line and field."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from base64 import b64decode
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from bot.domain.errors import BadRulebook
from bot.domain.normal_form import Normaliser
from bot.domain.perceptron import network_of
from bot.domain.rules import STATUSES, Example, Rule, Rulebook
from bot.domain.vocabulary import KINDS, Kind
from bot.domain.voting import (
    NO_NETWORK,
    NO_TREES,
    NO_VOTE,
    OUTPUTS,
    Model,
    Network,
    Node,
    Trees,
    packed_sparse,
)
from config.load import Written, packaged, written_in
from config.patterns import repeats_within_repetition
from config.rule_places import line_in, line_of

_FILE_FIELDS = frozenset({"kind", "title", "version", "description", "references", "rule"})
_RULE_FIELDS = frozenset(
    {"id", "title", "status", "description", "words", "patterns", "anchors", "exclusions",
     "weight", "examples"}
)  # fmt: skip
_ID = re.compile(r"[a-z_]+\.[a-z0-9_]+")
LONGEST_PATTERN = 2000


def load_normaliser(folder: Traversable | Path | None = None) -> Normaliser:
    """The normal form with the packaged table of Traditional characters."""
    file = (folder or packaged("model")).joinpath("simplified.txt")
    odd, _, plain = file.read_text("utf-8").rstrip("\n").partition("\n")
    if not odd or len(odd) != len(plain):
        raise BadRulebook("simplified.txt", "file", "rules.expected.packaged")
    return Normaliser(dict(zip(odd, plain, strict=True)))


def load_known_pairs(folder: Traversable | Path | None = None) -> dict[str, int]:
    """Pairs of characters that every notice has (0), and usual ones (see config/model)."""
    file = (folder or packaged("model")).joinpath("template_pairs.txt")
    lines = file.read_text("utf-8").splitlines()
    if len(lines) != 2 or any(len(line) % 2 for line in lines):
        raise BadRulebook("template_pairs.txt", "file", "rules.expected.packaged")
    return {
        line[at : at + 2]: sort for sort, line in enumerate(lines) for at in range(0, len(line), 2)
    }


def load_frame(folder: Traversable | Path | None = None) -> frozenset[str]:
    """Pairs of characters that notices of all matters are made of (see config/model)."""
    file = (folder or packaged("model")).joinpath("frame_pairs.txt")
    line = file.read_text("utf-8").rstrip("\n")
    if not line or len(line) % 2:
        raise BadRulebook("frame_pairs.txt", "file", "rules.expected.packaged")
    return frozenset(line[at : at + 2] for at in range(0, len(line), 2))


def _votes() -> bytes | None:
    """The packaged model as it is written; None when none ships."""
    file = packaged("model").joinpath("votes.json")
    return file.read_bytes() if file.is_file() else None


def model_of(raw: bytes) -> Model:
    """The model in a file that config/model/train.py wrote."""
    try:
        told = json.loads(raw)
        return Model(
            version=hashlib.sha256(raw).hexdigest()[:8],
            literals=tuple(told["literals"]),
            literal_weights=tuple(
                packed_sparse(told["weights"][name]) for name in told["literals"]
            ),
            weights={name: _weights(told, name) for name in told["features"]},
            skips={pair: packed_sparse(sparse) for pair, sparse in told.get("skips", {}).items()},
            links=_shares(told, "links"),
            beside=_shares(told, "beside"),
            calls=_shares(told, "calls"),
            emergencies=_shares(told, "emergencies"),
            bias=_bias(told),
            burden=_trees(told, "burden"),
            again=_trees(told, "again"),
            network=_network(told),
        )
    except (ValueError, KeyError, TypeError, IndexError):
        raise BadRulebook("votes.json", "file", "rules.expected.packaged") from None


def _bias(told: Mapping[str, Any]) -> tuple[int, ...]:
    bias = tuple(told["bias"])
    if len(bias) != OUTPUTS:
        raise ValueError(f"a model of {len(bias)} outputs, not {OUTPUTS}")
    return bias


def _shares(told: Mapping[str, Any], name: str) -> dict[str, float]:
    return {trait: share / told["scale"] for trait, share in told.get(name, {}).items()}


def _trees(told: Mapping[str, Any], name: str) -> Trees:
    if name not in told:
        return NO_TREES
    return Trees(told[name]["start"], tuple(_node(tree) for tree in told[name]["trees"]))


def _network(told: Mapping[str, Any]) -> Network:
    network = told.get("network")
    if network is None:
        return NO_NETWORK
    names = [*told["literals"], *told["features"]]
    rows = b64decode(network["rows"], validate=True)
    return network_of(names, rows, network["bias"], network["kinds"], network["kind_bias"])


def _node(told: Any) -> Node:
    if isinstance(told, int):
        return told
    feature, bound, up_to, above = told
    return str(feature), float(bound), _node(up_to), _node(above)


def _weights(told: Mapping[str, Any], name: str) -> tuple[int, ...]:
    weights = [0] * OUTPUTS
    sparse = told["weights"][name]
    for at in range(0, len(sparse), 2):
        weights[sparse[at]] = sparse[at + 1]
    return tuple(weights)


def load_rulebook(
    folder: Traversable | Path | None = None, model: Model | None = None
) -> Rulebook:
    """All rules of a folder of TOML files (the packaged ones by default), with the model.

    Raises BadRulebook for the first fault: a file that is no TOML, an unknown or missing field,
    an id that occurs twice, a pattern that does not compile or repeats within a repetition, a
    packaged model that cannot be read.
    """
    written = written_in(folder or packaged("rules"))
    return _shipped(written, _votes()) if model is None else _of(written, model)


# One command may ask several times, and to understand the files takes a hundred times as long as
# to read them: the same bytes are understood once. A second place is for an office's own rules.
@lru_cache(maxsize=2)
def _shipped(written: Written, votes: bytes | None) -> Rulebook:
    return _of(written, NO_VOTE if votes is None else model_of(votes))


def _of(written: Written, chosen: Model) -> Rulebook:
    rules: list[Rule] = []
    digest = hashlib.sha256()
    for name, raw in written:
        digest.update(raw)
        try:
            found = _rules_of(name, raw)
            _refuse_repeated(name, found, rules)
        except BadRulebook as error:
            raise error.at(line_of(raw, error.field)) from None
        rules += found
    if not rules:
        raise BadRulebook("rules", "folder", "rules.expected.files")
    version = f"{digest.hexdigest()[:8]}-{chosen.version}"
    living = tuple(rule for rule in rules if rule.status != "retired")
    known, frame = load_known_pairs(), load_frame()
    return Rulebook(living, version, load_normaliser(), chosen, known, frame)


def _refuse_repeated(file: str, found: Sequence[Rule], known: Sequence[Rule]) -> None:
    seen = {rule.id for rule in known}
    for number, rule in enumerate(found, 1):
        if rule.id in seen:
            raise BadRulebook(file, f"rule {number}.id", "rules.expected.once", id=rule.id)
        seen.add(rule.id)


def _rules_of(file: str, raw: bytes) -> list[Rule]:
    try:
        table = tomllib.loads(raw.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        told = str(error)
        raise BadRulebook(file, "file", "rules.expected.toml", told=told).at(
            line_in(told)
        ) from None
    _refuse_unknown(file, "", table, _FILE_FIELDS)
    kind = _kind_of(file, table)
    version = table.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise BadRulebook(file, "version", "rules.expected.number")
    references = _texts(file, "references", table.get("references", []))
    _text(file, "title", table.get("title"))
    _text(file, "description", table.get("description"))
    listed = table.get("rule")
    if not isinstance(listed, list) or not listed:
        raise BadRulebook(file, "rule", "rules.expected.rules")
    return [
        _rule(file, number, row, kind, version, references) for number, row in enumerate(listed, 1)
    ]


def _kind_of(file: str, table: Mapping[str, Any]) -> Kind | None:
    written = table.get("kind")
    if written == "":
        return None
    try:
        return Kind(str(written))
    except ValueError:
        known = ", ".join(KINDS)
        raise BadRulebook(file, "kind", "rules.expected.kind", known=known) from None


def _rule(
    file: str,
    number: int,
    row: object,
    kind: Kind | None,
    version: int,
    references: tuple[str, ...],
) -> Rule:
    where = f"rule {number}"
    if not isinstance(row, Mapping):
        raise BadRulebook(file, where, "rules.expected.table")
    _refuse_unknown(file, where, row, _RULE_FIELDS)
    name = _text(file, f"{where}.id", row.get("id"))
    if not _ID.fullmatch(name):
        raise BadRulebook(file, f"{where}.id", "rules.expected.id")
    status = row.get("status")
    if status not in STATUSES:
        raise BadRulebook(
            file, f"{name}.status", "rules.expected.one_of", known=", ".join(STATUSES)
        )
    words = _texts(file, f"{name}.words", row.get("words", []))
    anchors = _texts(file, f"{name}.anchors", row.get("anchors", []))
    patterns = _patterns(file, f"{name}.patterns", row.get("patterns", []))
    if not words and not patterns:
        raise BadRulebook(file, name, "rules.expected.words_or_patterns")
    if patterns and not anchors:
        raise BadRulebook(file, f"{name}.anchors", "rules.expected.anchors")
    weight = row.get("weight")
    if not isinstance(weight, int | float) or isinstance(weight, bool) or not -5 <= weight <= 5:
        raise BadRulebook(file, f"{name}.weight", "rules.expected.weight")
    return Rule(
        id=name,
        title=_text(file, f"{name}.title", row.get("title")),
        kind=kind,
        status=status,
        version=version,
        description=_text(file, f"{name}.description", row.get("description")),
        references=references,
        words=words,
        patterns=patterns,
        anchors=anchors,
        exclusions=_patterns(file, f"{name}.exclusions", row.get("exclusions", [])),
        weight=float(weight),
        examples=_examples(file, name, row.get("examples")),
    )


def _examples(file: str, name: str, table: object) -> tuple[Example, ...]:
    if not isinstance(table, Mapping) or set(table) != {"match", "no_match"}:
        raise BadRulebook(file, f"{name}.examples", "rules.expected.examples")
    match = [
        Example(text, True) for text in _texts(file, f"{name}.examples.match", table["match"])
    ]
    rows = table["no_match"]
    if not match or not isinstance(rows, list) or not rows:
        raise BadRulebook(file, f"{name}.examples", "rules.expected.examples")
    for row in rows:
        if not isinstance(row, Mapping) or set(row) != {"text", "reason"}:
            raise BadRulebook(file, f"{name}.examples.no_match", "rules.expected.no_match")
        text = _text(file, f"{name}.examples.no_match.text", row["text"])
        reason = _text(file, f"{name}.examples.no_match.reason", row["reason"])
        match.append(Example(text, False, reason))
    return tuple(match)


def _patterns(file: str, field: str, written: object) -> tuple[re.Pattern[str], ...]:
    compiled = []
    for pattern in _texts(file, field, written):
        if len(pattern) > LONGEST_PATTERN:
            raise BadRulebook(file, field, "rules.expected.shorter", most=LONGEST_PATTERN)
        try:
            compiled.append(re.compile(pattern))
        except re.error as error:
            raise BadRulebook(file, field, "rules.expected.regex", told=str(error)) from None
        if repeats_within_repetition(pattern):
            raise BadRulebook(file, field, "rules.expected.no_nesting")
    return tuple(compiled)


def _texts(file: str, field: str, written: object) -> tuple[str, ...]:
    if not isinstance(written, list) or not all(isinstance(one, str) and one for one in written):
        raise BadRulebook(file, field, "rules.expected.texts")
    return tuple(written)


def _text(file: str, field: str, written: object) -> str:
    if not isinstance(written, str) or not written:
        raise BadRulebook(file, field, "rules.expected.text")
    return written


def _refuse_unknown(
    file: str, where: str, row: Mapping[str, object], known: frozenset[str]
) -> None:
    for name in row:
        if name not in known:
            raise BadRulebook(
                file,
                f"{where}.{name}".strip("."),
                "rules.expected.one_of",
                known=", ".join(sorted(known)),
            )
