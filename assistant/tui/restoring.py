"""What held in a saved conversation holds again when it is gone on with."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from assistant.llm import open_llm
from assistant.planning import Scope
from assistant.saved_turns import last_stood
from assistant.tui.header import Standing
from assistant.tui.plain_text import told
from store.errors import DatelineError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant.config import Config
    from assistant.saved_turns import SavedTurn, Stood


async def restored(
    turns: Sequence[SavedTurn], now: Standing, config: Config, *, given: Scope | None = None
) -> tuple[Standing, str]:
    """Return what holds in a conversation with these turns, and what is to be told of that, if anything.

    That is what held when the last of them was asked or, where nothing is known of that, what holds ``now``. ``given``
    is what the command line keeps to: it goes before. So do a model and a number of passages that the settings did not
    have then, for somebody chose them since.
    """
    stood = last_stood(turns)
    return (now, "") if stood is None else await _usable(_again(stood, config, given), config)


def _again(stood: Stood, config: Config, given: Scope | None) -> Standing:
    was_model_set = stood.model != stood.usual_model and stood.usual_model == config.model
    was_k_set = stood.k != stood.usual_k and stood.usual_k == config.k
    return Standing(
        stood.model if was_model_set else config.model,
        stood.k if was_k_set else config.k,
        stood.scope if given is None or given == Scope() else given,
    )


async def _usable(standing: Standing, config: Config) -> tuple[Standing, str]:
    """Let the usual model answer where the other one cannot any more, and say why it cannot."""
    if standing.model == config.model:
        return standing, ""
    try:
        await asyncio.to_thread(open_llm, standing.model, replace(config, model=standing.model))
    except DatelineError as exc:
        why = f"{standing.model} answered here, now {config.model} does: {told(exc)}"
        return replace(standing, model=config.model), why
    return standing, ""
