"""Pages the office makes itself: Jinja2 over the phone's templates and the office's own, in the reader's language."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader
from litestar import Response
from litestar.enums import MediaType
from markupsafe import Markup

from server import i18n

if TYPE_CHECKING:
    from collections.abc import Callable

TEMPLATES = (i18n.ROOT / "pwa" / "templates", i18n.ROOT / "server" / "templates")
SPRITE = i18n.ROOT / "pwa" / "icons" / "icons.svg"

_assets: dict[str, Callable[[str], str]] = {"url": "/assets/{}".format, "digest": str}


def use_assets(url: Callable[[str], str], digest: Callable[[str], str]) -> None:
    """From now on `asset('app.css')` in a template gives this address, and `digest('app.css')` what its bytes must give.

    Assets come later in the import order than pages.
    """
    _assets.update(url=url, digest=digest)


def environment(speaker: i18n.Speaker) -> Environment:
    """The Jinja2 environment that speaks this language with this word; macros see its globals too, so each pair has its own."""
    return _environment(speaker.language, speaker.word)


def text(template: str, speaker: i18n.Speaker, /, **context: Any) -> str:
    """The text of a template; the context holds strings, whole numbers, booleans, lists and dicts only."""
    return environment(speaker).get_template(template).render(context)


def page(template: str, speaker: i18n.Speaker, /, *, status: int = 200, **context: Any) -> Response[str]:
    """A template as an answer in HTML."""
    return Response(text(template, speaker, **context), status_code=status, media_type=MediaType.HTML)


@cache
def _environment(language: str, word: str) -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: "" if value is None else value,
    )
    made.globals.update(i18n.speaker(language, word).globals())
    made.globals.update(asset=_asset, digest=_digest, sprite=Markup(_sprite()))  # noqa: S704  a file of our own, without anybody's text
    return made


def _asset(name: str) -> str:
    return _assets["url"](name)


def _digest(name: str) -> str:
    return _assets["digest"](name)


@cache
def _sprite() -> str:
    return SPRITE.read_text("utf-8")
