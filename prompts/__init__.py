"""Prompts: one Markdown file each, loaded by name; a folder of the user's own goes before the shipped ones."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from string import Template

# What an LLM must answer when the sources do not: the same words in the prompt, the code and the tests.
REFUSAL = "Not found in the sources."

_SHIPPED = Path(__file__).parent


class PromptError(Exception):
    """A prompt is missing, cannot be read, or does not take the variables it is given."""


@dataclass(frozen=True, slots=True)
class PromptTemplate:
    """The text of a prompt with its ``$variables``. ``path`` is the file it came from, for messages."""

    path: Path
    text: str

    @property
    def variables(self) -> frozenset[str]:
        return frozenset(Template(self.text).get_identifiers())

    def render(self, **variables: str) -> str:
        """Return the text with every variable filled in; values are not searched for variables.

        Raise ``PromptError`` naming the variables that are missing in ``variables``, or that the text does not use.
        """
        template = Template(self.text)
        if not template.is_valid():
            raise PromptError(f"{self.path}: a '$' that begins no variable; write '$$' for the sign")
        missing = sorted(self.variables - variables.keys())
        if missing:
            raise PromptError(f"{self.path}: unknown variable {_listed(missing)}")
        surplus = sorted(variables.keys() - self.variables)
        if surplus:
            raise PromptError(f"{self.path}: variable {_listed(surplus)} is not used")
        return template.substitute(variables)


def load_prompt(name: str, *, folder: Path | None = None) -> PromptTemplate:
    """Return the prompt ``name`` from ``folder`` if it has one, else the shipped one.

    The blanks around the text are dropped. Raise ``PromptError``.
    """
    shipped = _SHIPPED / f"{name}.md"
    if not shipped.is_file():
        known = sorted(path.stem for path in _SHIPPED.glob("*.md"))
        raise PromptError(f"unknown prompt {name!r}: the prompts are {', '.join(known)}")
    own = folder / shipped.name if folder else shipped
    path = own if own.is_file() else shipped
    try:
        return PromptTemplate(path, path.read_text(encoding="utf-8").strip())
    except OSError as exc:
        raise PromptError(f"cannot read prompt {str(path)!r}: {exc.strerror}") from exc
    except UnicodeDecodeError as exc:
        raise PromptError(f"{path}: not UTF-8") from exc


def _listed(names: list[str]) -> str:
    return ", ".join(f"${name}" for name in names)
