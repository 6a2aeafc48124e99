"""Operations: what the document of this interface (/schema/openapi.json) says of each address, which tests hold every answer against.

Handlers read by themselves and answer in HTML or JSON as they are asked, of which the framework knows nothing: each says it here, beside its path.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from litestar.openapi.spec import (
    Components,
    Link,
    OpenAPIMediaType,
    OpenAPIResponse,
    Operation,
    Parameter,
    Reference,
    RequestBody,
    Schema,
    SecurityScheme,
)
from litestar.openapi.spec.enums import OpenAPIType

JSON, FORM, HTML = "application/json", "application/x-www-form-urlencoded", "text/html"
SESSION = "session"
# Any address may be asked in what is no text, and the office may be too busy; what changes something may come from another site's page.
ALWAYS, UNSAFE, BODY = (400, 503), (403,), (408, 413)
UNAVAILABLE, REFUSED, REFUSED_FROM = 503, "refused", 400
PAGE = (200, 204, 303)  # as it is, or the way to open it: by a header to htmx, else by a redirect
TEXT: dict[str, Any] = {"type": "string"}

_WHY = {"field": TEXT, "why": TEXT, "message": TEXT}
_FIELDS = {"type": "array", "items": {"type": "object", "properties": _WHY, "required": [*_WHY]}}
_SAID = {"code": TEXT, "message": TEXT, "fields": _FIELDS}
_ERROR = {"type": "object", "properties": {"error": {"type": "object", "properties": _SAID, "required": [*_SAID]}}, "required": ["error"]}


def components(cookie: str) -> Components:
    """What every operation refers to: the session's cookie, and the one shape of a refusal."""
    schemes: dict[str, SecurityScheme | Reference] = {SESSION: SecurityScheme(type="apiKey", name=cookie, security_scheme_in="cookie")}
    refused = OpenAPIResponse("Refused, and why", content={JSON: _media(_ERROR), HTML: _media(TEXT)})
    return Components(security_schemes=schemes, responses={REFUSED: refused})


def page(*others: int, session: bool = True, ok: Iterable[int] = PAGE, query: Iterable[str] = ()) -> type[Operation]:
    """A page for reading, in the language that the address may name."""
    # With the header of htmx a closed page says the way in a header of its own; to a reader of this document that is a redirect like the other.
    return _told({**dict.fromkeys(ok, HTML), **_refusals(others)}, session=session, query=("language", *query), htmx=not session)


def file(*types: str, others: Iterable[int] = ()) -> type[Operation]:
    """A file of one of these types, unless whoever asks has it already."""
    return _told({200: types, 304: None, **_refusals(others)}, session=False, headers=("If-None-Match",))


def answer(*others: int, session: bool = True, as_: str = "", links: Iterable[Link] = (), query: Iterable[str] = ()) -> type[Operation]:
    """A question that is answered in JSON, or `as_` another type."""
    return _told({**({200: as_} if as_ else {}), **_refusals(others)}, session=session, links=links, query=query)


def leaves(as_: str, *others: int, query: Iterable[str] = ()) -> type[Operation]:
    """A file of this type that leaves the office, or the way to show first that the device is theirs."""
    return _told({200: as_, 303: HTML, **_refusals((401, 404, *others))}, session=True, query=query)


def act(*others: int, session: bool = True, ok: int | None = None, links: Iterable[Link] = ()) -> type[Operation]:
    """Something that is done without a body; `ok`: the status of the page it answers with, else JSON or nothing."""
    return _told({**({ok: HTML} if ok else {}), **_refusals((*UNSAFE, *others))}, session=session, htmx=ok is not None, links=links)


def takes(shape: type[msgspec.Struct], *others: int, session: bool = True, ok: int | None = None, links: Iterable[Link] = ()) -> type[Operation]:
    """Something that is done with a body in JSON of this shape."""
    given = {**({ok: HTML} if ok else {}), **_refusals((*UNSAFE, *BODY, 415, *others))}
    return _told(given, session=session, body={JSON: _media(shaped(shape))}, htmx=ok is not None, links=links)


def leads_to(operation: str, body: Mapping[str, str] | None = None, **parameters: str) -> Link:
    """What is asked next with something out of the answer: by its place there (`seal/id`), or as it stood in the address (`path.token`)."""
    taken = {name: _place(place) for name, place in (body or {}).items()}
    return Link(operation_id=operation, request_body=taken or None, parameters={name: _place(place) for name, place in parameters.items()})


def form(
    fields: Mapping[str, Any], *others: int, required: Iterable[str] = (), ok: Iterable[int] = (200,), query: Iterable[str] = (),
) -> type[Operation]:  # fmt: skip
    """A form with these fields and no others, answered by a page."""
    schema = {"type": "object", "properties": dict(fields), "required": [*required], "additionalProperties": False}
    given = {**dict.fromkeys(ok, HTML), **_refusals((*UNSAFE, *BODY, 401, 404, *others))}
    return _told(given, session=True, body={FORM: _media(schema)}, query=("language", *query), htmx=True)


def pattern(whole: re.Pattern[str]) -> dict[str, Any]:
    """A text that is all of this pattern."""
    return {"type": "string", "pattern": f"^{whole.pattern}$"}


def exactly(*values: Any) -> msgspec.Meta:
    """For a field of a shape: of its type these values only, which the operation judges itself."""
    return msgspec.Meta(extra_json_schema={"enum": [*values]})


def at_most(n: int) -> msgspec.Meta:
    """For a list in a shape: that there are no more than n, which the operation judges itself."""
    return msgspec.Meta(extra_json_schema={"maxItems": n})


def shaped(shape: type[msgspec.Struct]) -> dict[str, Any]:
    """The JSON schema of a shape, whole in itself."""
    found = msgspec.json.schema(shape)
    return _inlined(found, found["$defs"])  # type: ignore[no-any-return]


def _told(
    given: Mapping[int, Any], *, session: bool, body: dict[str, OpenAPIMediaType] | None = None, query: Iterable[str] = (),
    headers: Iterable[str] = (), htmx: bool = False, links: Iterable[Link] = (),
) -> type[Operation]:  # fmt: skip
    more = [_parameter(name, "query") for name in query]
    more += [_parameter(name, "header") for name in (*headers, *(("HX-Request",) if htmx else ()))]

    @dataclass
    class Told(Operation):
        def __post_init__(self) -> None:
            in_path = [_parameter(one.name, "path") for one in self.parameters or [] if isinstance(one, Parameter)]
            self.parameters = [*in_path, *more]
            self.security = [{SESSION: []}] if session else None
            self.request_body = RequestBody(content=body, required=True) if body else None
            good = _good(self.responses or {}, given)
            for response in good.values() if links else ():
                response.links = {str(link.operation_id): link for link in links}
            self.responses = {**good, **{str(status): _response(status, told) for status, told in given.items()}}

    return Told


def _good(responses: Mapping[str, Any], given: Mapping[int, Any]) -> dict[str, Any]:
    """What the framework knows of a good answer, where the operation does not say it itself."""
    if any(status < REFUSED_FROM for status in given):
        return {}
    return {status: _response(204, None) if status == "204" else told for status, told in responses.items() if int(status) < REFUSED_FROM}


def _refusals(statuses: Iterable[int]) -> dict[int, Any]:
    return dict.fromkeys(sorted({*ALWAYS, *statuses}), (JSON, HTML))


def _response(status: int, types: Any) -> OpenAPIResponse | Reference:
    if status >= REFUSED_FROM and status != UNAVAILABLE:
        return Reference(ref=f"#/components/responses/{REFUSED}")
    empty = status in {204, 303, 304} or not types
    listed = [types] if isinstance(types, str) else types
    return OpenAPIResponse(description="", content=None if empty else {one: OpenAPIMediaType(schema=None) for one in listed})


def _place(place: str) -> str:
    return f"$request.{place}" if place.startswith("path.") else f"$response.body#/{place}"


def _parameter(name: str, where: Any) -> Parameter:
    return Parameter(name=name, param_in=where, required=where == "path", schema=Schema(type=OpenAPIType.STRING))


def _media(schema: Any) -> OpenAPIMediaType:
    # A schema may be a plain mapping, whatever its annotation says.
    return OpenAPIMediaType(schema=schema)


def _inlined(node: Any, parts: Mapping[str, Any]) -> Any:
    """A schema with each of its references replaced by what it refers to; our shapes never hold themselves."""
    if isinstance(node, list):
        return [_inlined(one, parts) for one in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _inlined(parts[node["$ref"].rpartition("/")[2]], parts)
    return {name: _inlined(value, parts) for name, value in node.items() if name != "$defs"}
