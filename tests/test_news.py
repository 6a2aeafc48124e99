"""News: who is looking hears within a second that there is something for them, and nothing about what; until their session ends."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from server import db, news
from tests import desk
from tests.drawer import decide

HELLO = b"retry: 3000\n\n"
NEWS = b"event: news\ndata: 1\n\n"
QUIET = b": still here\n\n"
SOON_S = 1


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    desk.stopped(monkeypatch)


@pytest.fixture
async def watch(office):
    await news.start()
    yield
    await news.stop()
    assert news._listeners == set()


@contextlib.asynccontextmanager
async def listening(office, me):
    """Their stream, past its first line."""
    asking = await desk.worn(office, me)
    pairs = await office.read(lambda tx: news._open_to(tx, asking))
    stream = news._stream(news.Listener(asking, pairs))
    assert await anext(stream) == HELLO
    try:
        yield stream
    finally:
        await stream.aclose()


async def heard(stream, within=SOON_S):
    """The next line, or None when nothing is said in time."""
    asking = asyncio.ensure_future(anext(stream, b""))
    done, _ = await asyncio.wait({asking}, timeout=within)
    if not done:
        asking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asking
    return asking.result() if done else None


async def test_a_listener_hears_of_a_colleagues_push_within_a_second(office, watch, nurse, house):
    lead = await desk.somebody(office, "lead", nurse.team)
    async with listening(office, lead) as stream:
        await desk.hand_in(office, nurse, desk.note(nurse, house))
        assert await heard(stream) == NEWS


async def test_a_push_over_http_is_heard_at_once(office, client, watch, nurse, house, monkeypatch):
    monkeypatch.setattr(news, "LOOK_S", 30)
    lead = await desk.somebody(office, "lead", nurse.team)
    phone = await desk.phone(client, nurse)
    async with listening(office, lead) as stream:
        await asyncio.sleep(0.8)  # the turn that had already begun passes
        await phone.sync(desk.note(nurse, house))
        assert await heard(stream) == NEWS


async def test_what_a_phone_sent_itself_is_no_news_to_it(office, client, watch, nurse, house):
    lead = await desk.somebody(office, "lead", nurse.team)
    phone = await desk.phone(client, nurse)
    async with listening(office, nurse) as own, listening(office, lead) as theirs:
        await phone.sync(desk.note(nurse, house))
        assert await heard(theirs) == NEWS
        assert await heard(own, within=0.2) is None


async def test_my_other_phone_hears_of_what_i_wrote_here(office, watch, nurse):
    async with listening(office, nurse) as stream:
        await desk.another_device(office, nurse)
        await desk.hand_in(office, nurse, desk.contact(nurse))
        assert await heard(stream) == NEWS


async def test_what_is_not_for_me_is_not_heard(office, watch, nurse, house):
    stranger = await desk.somebody(office, "nurse", name="Bram")
    volunteer = await desk.somebody(office, "volunteer")
    await desk.care(office, house, volunteer.team)
    async with listening(office, stranger) as one, listening(office, volunteer) as other:
        await desk.hand_in(office, nurse, desk.note(nurse, house), desk.task(nurse, house), desk.contact(nurse))
        assert await asyncio.gather(heard(one, 1.5), heard(other, 1.5)) == [None, None]


async def test_what_a_volunteer_is_asked_to_do_is_news_to_them_and_to_no_other(office, watch, nurse, house):
    gerrit = await desk.somebody(office, "volunteer", name="Gerrit")
    ayse = await desk.somebody(office, "volunteer", gerrit.team, name="Ayşe")
    fields = {"what": "Oogdruppels", "due": desk.TODAY, "volunteer": gerrit.hat}
    async with listening(office, gerrit) as stream, listening(office, ayse) as beside:
        await desk.hand_in(office, nurse, desk.change(nurse, "task", house.subject, fields))
        assert await heard(stream, 1.5) == NEWS
        assert await heard(beside, 1) is None


async def test_what_was_held_is_news_to_the_lead_of_its_authors_team_and_to_no_other(office, watch, nurse, house):
    lead, other = await desk.somebody(office, "lead", nurse.team), await desk.somebody(office, "lead")
    colleague = await desk.somebody(office, "nurse", nurse.team)
    await desk.end_care(office, house, nurse.team)
    async with listening(office, lead) as stream, listening(office, other) as elsewhere, listening(office, colleague) as beside:
        await desk.hand_in(office, nurse, desk.note(nurse, house))
        assert await heard(stream, 1.5) == NEWS
        assert await asyncio.gather(heard(elsewhere, 1), heard(beside, 1)) == [None, None]


async def test_what_a_lead_decided_is_news_to_its_author(office, client, watch, nurse, late, lead):
    async with listening(office, nurse) as stream:
        await decide(lead, late, "return", "Was mevrouw er zelf bij?")
        assert await heard(stream, 1.5) == NEWS


async def test_when_it_is_quiet_the_line_is_kept_open_and_new_pairs_count(office, watch, nurse, monkeypatch):
    monkeypatch.setattr(news, "PING_S", 0.1)
    colleague = await desk.somebody(office, "nurse", name="Joost")
    theirs = await desk.household(office, colleague.team)
    async with listening(office, nurse) as stream:
        assert await heard(stream) == QUIET
        await desk.care(office, theirs, nurse.team)
        assert await heard(stream) == QUIET
        await desk.hand_in(office, colleague, desk.note(colleague, theirs))
        said = [await heard(stream) for _ in range(12)]
        assert NEWS in said


@pytest.mark.parametrize(
    "ends",
    [
        "UPDATE session SET revoked_at = 1 WHERE person = $1",
        "UPDATE session SET expires_at = 1 WHERE person = $1",
        "UPDATE device SET revoked_at = 1 WHERE person = $1",
    ],
)
async def test_the_stream_ends_when_the_session_does(office, watch, nurse, house, monkeypatch, ends):
    monkeypatch.setattr(news, "PING_S", 0.1)
    async with listening(office, nurse) as stream:
        assert await heard(stream) == QUIET
        await desk.run(office, ends, nurse.person)
        assert await heard(stream) == b""


async def test_the_stream_of_a_revoked_device_ends_at_once(office, client, watch, nurse, house):
    lead = await desk.somebody(office, "lead", nurse.team)
    async with listening(office, nurse) as stream:
        asking = asyncio.ensure_future(anext(stream, b""))
        await asyncio.sleep(0.05)
        assert (await (await desk.signed_in(client, lead)).delete(f"/devices/{nurse.device}")).status_code == 200
        done, _ = await asyncio.wait({asking}, timeout=SOON_S)
        assert done
        assert asking.result() == b""


async def test_nothing_is_told_to_a_session_that_ended(office, watch, nurse, house):
    colleague = await desk.somebody(office, "nurse", nurse.team, name="Joost")
    async with listening(office, nurse) as stream:
        await desk.run(office, "UPDATE session SET revoked_at = 1 WHERE person = $1", nurse.person)
        await desk.hand_in(office, colleague, desk.note(colleague, house))
        assert await heard(stream, 2) == b""


async def test_every_stream_ends_when_the_office_closes(office, nurse):
    await news.start()
    async with listening(office, nurse) as stream:
        asking = asyncio.ensure_future(anext(stream, b""))
        await asyncio.sleep(0.05)
        await news.stop()
        await asyncio.wait_for(asking, SOON_S)
        assert await anext(stream, b"") == b""


async def test_a_database_that_is_away_for_a_moment_costs_no_news(office, watch, nurse, house, monkeypatch):
    colleague = await desk.somebody(office, "nurse", nurse.team, name="Joost")
    reads = office.read
    away = iter([True, True])

    async def read(work):
        if work is news._fresh and next(away, False):
            await reads(work)  # it was read, and then the line broke
            raise db.UnavailableError("away")
        return await reads(work)

    async with listening(office, nurse) as stream:
        monkeypatch.setattr(db, "read", read)
        await desk.hand_in(office, colleague, desk.note(colleague, house))
        assert await heard(stream, 3) == NEWS


async def test_more_than_can_be_told_apart_is_news_to_everybody(office, watch, nurse, house, monkeypatch):
    monkeypatch.setattr(news, "PAIRS_SEEN_MAX", 3)
    stranger = await desk.somebody(office, "nurse", name="Bram")
    async with listening(office, stranger) as stream:
        await desk.hand_in(office, nurse, *(desk.note(nurse, house) for _ in range(4)))
        assert await heard(stream, 2) == NEWS


async def test_nobody_listens_without_a_session(client):
    assert (await client.get("/news")).status_code == 401
