"""Somebody of the written week clicks the card that answered them, and clicks it once more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.demo.stage import Stage
from bot.demo.story import Line
from bot.domain.messages import Route
from bot.domain.texts import Texts

ANSWER_SECONDS = 10.0


@dataclass(slots=True)
class Clicks:
    """How many cards were clicked, how many clicks were obeyed, and how many were refused."""

    clicked: int = 0
    obeyed: int = 0
    repeated: int = 0
    refused: int = 0

    @property
    def is_fine(self) -> bool:
        """Whether every first click was obeyed and shown on its card, and no second one was."""
        return 0 < self.clicked == self.obeyed and 0 < self.repeated == self.refused

    async def click(self, stage: Stage, line: Line, texts: Texts) -> None:
        """The first button of the menu that `line` asked for: its limits, by either platform.

        By WeCom it is clicked twice, as somebody would who keeps what was behind the button.
        """
        shown = stage.wecom if line.route is Route.WECOM_AIBOT else stage.dingtalk
        buttons = shown.api.cards.latest(line.sender).buttons
        value = next(iter(buttons.values()))
        self.clicked += 1
        answer = await self._answer(stage, line, value)
        done = _done(stage, line)
        self.obeyed += texts("admin.limits.title") in answer and texts("cards.done") in done
        if line.route is Route.WECOM_AIBOT:
            self.repeated += 1
            self.refused += await self._answer(stage, line, value) == texts("cards.refused")

    async def _answer(self, stage: Stage, line: Line, value: str) -> str:
        before = len(_words(stage, line))
        if line.route is Route.WECOM_AIBOT:
            task = stage.wecom.api.cards.latest(line.sender).task_id
            url = f"{stage.base}/wecom/aibot"
            await stage.wecom.post.click_aibot(url, line.sender, task, value)
        else:
            track = stage.dingtalk.api.cards.latest(line.sender).track
            await stage.dingtalk.click(track, line.sender, value)
        await stage.until("the answer to a click", _more_than(stage, line, before), ANSWER_SECONDS)
        return _words(stage, line)[-1]


def _words(stage: Stage, line: Line) -> list[str]:
    """What was said beside acknowledgements and cards."""
    if line.route is Route.WECOM_AIBOT:
        return [one.content for one in stage.wecom.sent if one.via == "hook"]
    sent = stage.dingtalk.sent
    return [one.text for one in sent if one.by == "person" and one.to == line.sender]


def _more_than(stage: Stage, line: Line, before: int) -> Callable[[], Awaitable[bool]]:
    async def said() -> bool:
        return len(_words(stage, line)) > before

    return said


def _done(stage: Stage, line: Line) -> str:
    if line.route is Route.WECOM_AIBOT:
        return stage.wecom.api.cards.latest(line.sender).faded
    return stage.dingtalk.api.cards.latest(line.sender).status
