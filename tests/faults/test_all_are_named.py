"""The fault suite is a list that a person can read: every fault has a name of its own."""

from __future__ import annotations

from tests.faults.test_door_faults import DINGTALK, WECOM
from tests.faults.test_long_connection_faults import FAULTS as LONG_CONNECTION
from tests.faults.test_sending_faults import ANSWERS, LINE_FAULTS
from tests.faults.test_stream_faults import FAULTS as STREAM

FAMILIES = {
    "stream": STREAM,
    "long connection": LONG_CONNECTION,
    "wecom door": WECOM,
    "dingtalk door": DINGTALK,
    "line while sending": LINE_FAULTS,
    "answer to sending": ANSWERS,
}


def test_more_than_sixty_faults_have_a_name() -> None:
    names = [f"{family}: {name}" for family, faults in FAMILIES.items() for name in faults]

    assert len(set(names)) == len(names) > 60
    assert all(len(name.split()) >= 3 for name in names)
