"""A message that the push service hands to a real browser, locked or open: one notification that gives nothing away, and the way in behind it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, Worker, expect

from tests.browser.conftest import Office, phone
from tests.browser.test_interrupted import LOCKED, inside

SHOWN = "registration.getNotifications().then((all) => all.map(({title, body, lang, tag, data}) => ({title, body, lang, tag, data})))"
TAPPED = """
registration.getNotifications().then(([one]) => {
  const done = [];
  const event = new NotificationEvent('notificationclick', {notification: one});
  event.waitUntil = (work) => done.push(work);
  self.dispatchEvent(event);
  return Promise.all(done).then(() => true, (error) => error.name);
})
"""


async def pushed(context: BrowserContext, page: Page, office: Office) -> Any:
    """deliver(data): hands a message to the page's worker as the browser does once it has decrypted it."""
    devtools = await context.new_cdp_session(page)
    registered: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def told(event: dict[str, Any]) -> None:
        for one in event["registrations"]:
            if not one["isDeleted"] and not registered.done() and one["scopeURL"] == f"{office.origin}/":
                registered.set_result(one["registrationId"])

    devtools.on("ServiceWorker.workerRegistrationUpdated", told)
    await devtools.send("ServiceWorker.enable")
    registration = await asyncio.wait_for(registered, 10)

    async def deliver(data: str) -> None:
        await devtools.send("ServiceWorker.deliverPushMessage", {"origin": office.origin, "registrationId": registration, "data": data})

    return deliver


async def shown(worker: Worker, count: int) -> list[dict[str, Any]]:
    """The notifications that stand there, once there are so many."""
    found: list[dict[str, Any]] = []
    for _ in range(300):
        found = await worker.evaluate(SHOWN)
        if len(found) >= count:
            break
        await asyncio.sleep(0.1)
    return found


async def test_a_message_shows_one_notification_that_gives_nothing_away(browser: Browser, office: Office) -> None:
    page = await phone(browser, office)
    context = page.context
    await context.grant_permissions(["notifications"], origin=office.origin)
    await inside(page, "samira")
    deliver = await pushed(context, page, office)
    worker = next(one for one in context.service_workers if one.url.endswith("/sw.js"))
    await page.get_by_role("navigation", name="Hoofdmenu").get_by_role("link", name="Ik").click()
    await page.locator('[data-act="lock"]').click()
    await expect(page.locator(LOCKED).first).to_be_visible()
    for n in (1, 1, 2):  # the first comes twice
        await deliver(json.dumps({"language": "nl", "n": n}))
    await deliver("no message of ours")
    found = await shown(worker, 3)
    assert {one["tag"] for one in found} == {"naober 0", "naober 1", "naober 2"}
    assert {(one["title"], one["body"], one["data"]) for one in found} == {("Er is iets voor je in Naober", "", None)}
    await deliver(json.dumps({"language": "en", "n": 3}))
    assert "There is something for you in Naober" in {one["title"] for one in await shown(worker, 4)}
    # A tap leads to the lock, and to nothing behind it.
    await worker.evaluate(TAPPED)
    assert len(await shown(worker, 0)) == 3
    await expect(page.locator(LOCKED).first).to_be_visible()
