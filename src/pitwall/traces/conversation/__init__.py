"""Model calls as conversations: one form for what every SDK and API writes.

`read_conversation` is pure and never fails. What it cannot read becomes a part of type text or data, files
are named by type and size and never shown, and what is left out of something huge is counted.
"""

from pitwall.traces.conversation.reading import read_conversation
from pitwall.traces.conversation.types import Conversation, Message, Part, PartType, Side, SpanTexts, Tool

__all__ = ["Conversation", "Message", "Part", "PartType", "Side", "SpanTexts", "Tool", "read_conversation"]
