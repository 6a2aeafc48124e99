"""The timetable: every verb takes away what has ended, twice is once, and the clock stops when asked."""

from __future__ import annotations

from server import jobs, passkeys, sessions
from tests import desk
from tests.desk import DAY_MS, NOW


async def test_every_job_takes_away_what_has_ended_and_only_that(office, monkeypatch):
    clock = desk.stopped(monkeypatch)
    me = await desk.somebody(office)
    await office.write(lambda tx: passkeys.ask_to_sign_in(tx, NOW, visit=""))
    for days, left in ((0, (1, 1)), (2, (0, 1)), (14, (0, 0)), (14, (0, 0))):
        clock.at = NOW + days * DAY_MS
        for _, verb in jobs.TIMETABLE:
            await verb()
        counts = [await desk.rows(office, f"SELECT count(*) FROM {name}") for name in ("challenge", "session")]  # noqa: S608 - our own names
        assert tuple(rows[0][0] for rows in counts) == left
    assert await desk.rows(office, "SELECT count(*) FROM device WHERE person = $1", me.person) == [(1,)]
    assert sessions.now() == NOW + 14 * DAY_MS


async def test_the_clock_knows_every_job_and_stops(office):
    clock = jobs.start()
    assert len(clock.get_jobs()) == len(jobs.TIMETABLE)
    assert all(job.next_run_time for job in clock.get_jobs())
    clock.shutdown(wait=False)
