"""Fields of published values that came later, so that older documents keep their bytes."""

from __future__ import annotations

ABSENT_WHEN_DEFAULT = "absent_when_default"
"""In a field's metadata: it is not written as long as it holds what it holds by default."""
