"""A browser that threw everything away, known by its cookie or guessed by its name: its owner and their lead read which numbers never came in."""

from __future__ import annotations

import pytest

from server import losses, sessions
from tests import desk
from tests.authenticator import enrolled, sign_in
from tests.desk import NOW

ANDROID = "Mozilla/5.0 (Linux; Android 15) Chrome/130.0 Mobile Safari/537.36"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 Safari/537.36"

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
async def samira(office):
    return await desk.somebody(office, "nurse", name="Samira")


@pytest.fixture
async def lead(office, client, samira):
    return await desk.signed_in(client, await desk.somebody(office, "lead", samira.team, name="Ilse"))


@pytest.fixture
async def passkey(office, client, samira):
    client.headers["user-agent"] = ANDROID
    mine = await enrolled(office, client, samira)
    await desk.run(office, "DELETE FROM session WHERE device IN (SELECT id FROM device WHERE person = $1 AND name <> '')", samira.person)
    await desk.run(office, "DELETE FROM device WHERE person = $1 AND name <> ''", samira.person)
    return mine


async def at_work(office, client, me, passkey, *, persisted="0", made="", notes=0):
    """A phone that has signed in, and has said of itself and sent what it could; its number of the device."""
    portrait = (await sign_in(client, passkey)).json()
    me.device, me.n, me.token = portrait["device"], 0, client.cookies[sessions.COOKIE]
    phone = await desk.phone(client, me)
    phone.client.headers.update({"naober-persisted": persisted, "naober-made": made})
    house = await desk.household(office, me.team)
    await phone.sync(*(desk.note(me, house) for _ in range(notes)))
    return portrait["device"]


async def wiped(client, passkey, *, cookie=True, agent=ANDROID):
    """The same passkey in a browser that knows of no device any more."""
    if not cookie:
        client.cookies.clear()
    client.headers["user-agent"] = agent
    return (await sign_in(client, passkey)).json()


async def test_a_browser_that_still_has_its_cookie_is_the_same_beyond_doubt(office, client, samira, passkey, lead):
    old = await at_work(office, client, samira, passkey, notes=3)
    portrait = await wiped(client, passkey)
    assert portrait["device"] != old
    assert portrait["lost"] == {"name": "Chrome, Android", "sure": True, "last": NOW, "missing": 0, "numbers": ""}
    assert (await client.get("/me")).json()["lost"] == portrait["lost"]
    page = (await lead.get("/devices")).text
    assert "de browser gooide alles weg, gezien vandaag 11:00" in page
    assert "het laatste dat binnenkwam was van vandaag 11:00; wat daarna niet verstuurd is, is weg" in page


async def test_numbers_that_a_phone_had_given_out_and_that_never_came_in_are_told(office, client, samira, passkey, lead):
    await at_work(office, client, samira, passkey, notes=3, made="9")
    assert (await wiped(client, passkey))["lost"] == {"name": "Chrome, Android", "sure": True, "last": NOW, "missing": 6, "numbers": "4–9"}
    assert "6 dingen kwamen nooit binnen: nummer 4–9" in (await lead.get("/devices")).text


async def test_a_phone_that_only_asked_has_said_how_far_it_counts_too(office, client, samira, passkey, lead):
    await at_work(office, client, samira, passkey)
    phone = await desk.phone(client, samira)
    phone.client.headers["naober-made"] = "2"
    await phone.sync()
    assert (await wiped(client, passkey))["lost"] == {"name": "Chrome, Android", "sure": True, "last": None, "missing": 2, "numbers": "1–2"}
    assert "er kwam nog niets van binnen" in (await lead.get("/devices")).text


async def test_without_its_cookie_it_may_be_the_same_browser_and_is_until_that_is_seen_again(office, client, samira, passkey, lead):
    old = await at_work(office, client, samira, passkey, notes=1)
    before = await desk.signed_in(client, samira)
    portrait = await wiped(client, passkey, cookie=False)
    assert portrait["lost"]["sure"] is False
    assert "misschien door de browser leeggemaakt" in (await lead.get("/devices")).text
    phone = desk.Phone(before, samira)
    assert samira.device == old
    await phone.sync()
    assert (await client.get("/me")).json()["lost"] is None
    assert "leeggemaakt" not in (await lead.get("/devices")).text


@pytest.mark.parametrize("case", ["another browser", "keeps nothing", "revoked", "left", "claimed", "somebody else"])
async def test_what_is_no_loss_is_none(office, client, samira, passkey, case):
    old = await at_work(office, client, samira, passkey, persisted="" if case == "keeps nothing" else "1", notes=1)
    if case == "revoked":
        await desk.run(office, "UPDATE device SET revoked_at = $1 WHERE id = $2", NOW, old)
    if case == "left":
        assert (await client.delete("/sessions/current")).status_code == 204
    if case == "claimed":
        assert (await sign_in(client, passkey, device=old)).json()["lost"] is None
    elif case == "somebody else":
        joost = await enrolled(office, client, await desk.somebody(office, "nurse", samira.team, name="Joost"))
        client.cookies.set(sessions.COOKIE, samira.token)
        assert (await wiped(client, joost, cookie=True, agent=WINDOWS))["lost"] is None
    else:
        gone = case == "another browser"
        assert (await wiped(client, passkey, cookie=not gone, agent=WINDOWS if gone else ANDROID))["lost"] is None


async def test_who_left_a_phone_has_lost_nothing_and_their_lead_reads_that_it_is_empty(office, client, samira, passkey, lead):
    await at_work(office, client, samira, passkey, notes=1)
    await client.delete("/sessions/current")
    page = (await lead.get("/devices")).text
    assert "leeg: hier vandaag 11:00 van afgegaan" in page
    assert "gooide alles weg" not in page


async def test_gaps_are_told_in_ranges_and_not_without_end(office, client, samira, passkey):
    device = await at_work(office, client, samira, passkey)
    house = await desk.household(office, samira.team)
    sent = [desk.note(samira, house) for _ in range(20)]
    kept = [one for one in sent if one["n"] % 3 == 1]
    await desk.hand_in(office, samira, *kept)
    told = await office.read(lambda tx: losses.extent(tx, device, 20))
    assert told == {"last": NOW, "missing": 13, "numbers": "2–3, 5–6, 8–9, 11–12, 14–15, …"}
    assert (await office.read(lambda tx: losses.extent(tx, device, 4)))["numbers"] == "2–3, 5–6, 8–9, 11–12, 14–15, …"
