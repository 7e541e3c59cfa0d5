"""The Textual chat: a leaf that nobody imports, over the same events as ``ask``."""
