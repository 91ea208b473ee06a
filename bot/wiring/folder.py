"""Folders from their settings: a speaker, and a check for the doctor."""

from __future__ import annotations

from bot.platforms.folder.speaker import PLATFORM, FolderSpeaker
from bot.renderings.forms import FORMS
from bot.wiring.services import Services, Wired
from config.settings import Settings


async def wire_folder(all_settings: Settings, _services: Services) -> Wired:
    """What the section QZ_FOLDER__ sets up; nothing without a folder."""
    settings, wired = all_settings.folder, Wired()
    if settings.dirs:
        speaker = FolderSpeaker(settings.dirs, FORMS)
        wired.speakers[PLATFORM] = speaker
        wired.checks[PLATFORM] = speaker.check
    return wired
