"""How patient the suites are: `make soak` looks longer for what a quick run does not find."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("quick", deadline=None)
settings.register_profile("soak", deadline=None, max_examples=2000)
settings.load_profile("soak" if os.environ.get("SOAK") else "quick")
