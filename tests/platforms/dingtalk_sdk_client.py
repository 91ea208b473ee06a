"""The vendor's SDK as a client, in a process of its own: its calls block and it never stops.

It prints a line of JSON for every robot message it took. The gateway's address comes from
DINGTALK_OPENAPI_ENDPOINT, which the SDK reads when it is imported.
"""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import dingtalk_stream  # type: ignore[import-untyped]  # it ships no types


class Printer(dingtalk_stream.ChatbotHandler):  # type: ignore[misc]  # the SDK ships no types
    """Prints what it takes."""

    async def process(self, callback: Any) -> tuple[int, str]:
        message = dingtalk_stream.ChatbotMessage.from_dict(callback.data)
        said = {"key": message.message_id, "text": message.text.content}
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()
        return dingtalk_stream.AckMessage.STATUS_OK, "OK"


def main() -> None:
    """Run until killed."""
    logging.disable(logging.CRITICAL)
    client = dingtalk_stream.DingTalkStreamClient(
        dingtalk_stream.Credential(sys.argv[1], sys.argv[2])
    )
    client.register_callback_handler(dingtalk_stream.ChatbotMessage.TOPIC, Printer())
    client.start_forever()


if __name__ == "__main__":
    main()
