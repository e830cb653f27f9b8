"""Settings: changed by a merge patch, with everything that follows from them."""

from typing import Any

import pytest

from tests.harness import Ebb

WEB_PUSH: dict[str, Any] = {
    "web_push": {
        "endpoint": "https://updates.push.services.mozilla.com/wpush/v2/gAAAA",
        "keys": {
            "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            "auth": "BTBZMqHH6r4Tts7J_aSIgg",
        },
    }
}


async def patch(ebb: Ebb, **fields: Any) -> dict[str, Any]:
    answer = await ebb.call("PATCH", "/v1/settings", fields)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def get(ebb: Ebb, user: str = "alice") -> dict[str, Any]:
    return dict((await ebb.call("GET", "/v1/settings", user=user)).json())


async def test_a_user_who_has_set_nothing_has_the_defaults(ebb: Ebb) -> None:
    settings = await get(ebb)
    assert ("UTC", "en", "09:00", None) == tuple(
        settings[name] for name in ("time_zone", "locale", "all_day_reminder_time", "quiet_hours")
    )
    assert {"email": None, "webhook": None, "push": {}} == settings["channels"]


async def test_a_patch_changes_what_it_names_and_null_brings_the_default_back(ebb: Ebb) -> None:
    first = await patch(ebb, time_zone="Europe/Berlin", locale="de-AT", quiet_hours={"from": "22:00", "until": "07:00"})
    second = await patch(ebb, time_zone=None, quiet_hours=None)
    assert ("Europe/Berlin", {"from": "22:00", "until": "07:00"}) == (first["time_zone"], first["quiet_hours"])
    assert ("UTC", first["locale"], None) == (second["time_zone"], second["locale"], second["quiet_hours"])
    assert second == await get(ebb)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"time_zone": "Mars/Base"}, "/time_zone"),
        ({"locale": "not a locale"}, "/locale"),
        ({"all_day_reminder_time": "25:00"}, "/all_day_reminder_time"),
        ({"quiet_hours": {"from": "22:00"}}, "/quiet_hours/until"),
        ({"quiet_hours": {"from": "22:00", "until": "22:00"}}, "/quiet_hours"),
        ({"channels": {"email": {"address": "nobody"}}}, "/channels/email/address"),
        ({"channels": {"email": {"address": "a@b.org;c@d.org"}}}, "/channels/email/address"),
        ({"channels": {"webhook": {"url": "ftp://example.org"}}}, "/channels/webhook/url"),
        ({"channels": {"push": {"phone": {}}}}, "/channels/push/phone"),
        ({"channels": {"push": {"a phone": WEB_PUSH}}}, "/channels/push/a phone"),
        ({"channels": {"pigeon": {}}}, "/channels/pigeon"),
        ({"zone": "UTC"}, "/zone"),
    ],
)
async def test_what_is_wrong_is_named(ebb: Ebb, body: dict[str, Any], pointer: str) -> None:
    answer = await ebb.call("PATCH", "/v1/settings", body)
    assert (422, [pointer]) == (answer.status_code, [fault["pointer"] for fault in answer.json()["errors"]])


async def test_the_secret_of_a_webhook_is_made_and_shown_once(ebb: Ebb) -> None:
    made = await patch(ebb, channels={"webhook": {"url": "https://example.org/hook"}})
    moved = await patch(ebb, channels={"webhook": {"url": "https://example.org/other"}})
    assert made["channels"]["webhook"]["secret"].startswith("whsec_")
    assert ("https://example.org/other", None) == (
        moved["channels"]["webhook"]["url"],
        moved["channels"]["webhook"]["secret"],
    )
    ((kept,),) = await ebb.sql("SELECT config ->> 'secret' FROM channels WHERE name = 'webhook'")
    assert made["channels"]["webhook"]["secret"] == kept


async def test_devices_come_and_go_one_by_one(ebb: Ebb) -> None:
    await patch(ebb, channels={"push": {"laptop": WEB_PUSH}})
    both = await patch(ebb, channels={"push": {"phone": WEB_PUSH}})
    one = await patch(ebb, channels={"push": {"laptop": None}})
    assert [{"laptop", "phone"}, {"phone"}] == [s["channels"]["push"].keys() for s in (both, one)]
    assert WEB_PUSH["web_push"]["endpoint"] == one["channels"]["push"]["phone"]["endpoint"]


async def test_a_channel_that_this_installation_cannot_serve_is_refused(ebb: Ebb) -> None:
    answer = await ebb.call("PATCH", "/v1/settings", {"channels": {"push": {"phone": {"fcm": {"token": "abc:def"}}}}})
    assert (422, "/channels/push/phone") == (answer.status_code, answer.json()["errors"][0]["pointer"])
    assert ["email", "web_push", "webhook"] == (await get(ebb))["available_channels"]


async def test_there_is_an_end_to_devices(ebb: Ebb) -> None:
    for n in range(2):
        await patch(ebb, channels={"push": {f"d{n}-{m}": WEB_PUSH for m in range(10)}})
    answer = await ebb.call("PATCH", "/v1/settings", {"channels": {"push": {"one-more": WEB_PUSH}}})
    assert (422, "/channels/push") == (answer.status_code, answer.json()["errors"][0]["pointer"])
    await patch(ebb, channels={"push": {"one-more": WEB_PUSH, "d0-0": None}})


async def test_a_change_of_settings_is_in_the_audit_log_without_secrets(ebb: Ebb) -> None:
    await patch(ebb, channels={"webhook": {"url": "https://example.org/hook"}, "push": {"laptop": WEB_PUSH}})
    (event,) = await ebb.settle()
    assert "ebb.settings.updated.v1" == event["type"]
    assert {"channels"} == event["data"]["changes"].keys()
    assert "whsec_" not in str(event)
    assert WEB_PUSH["web_push"]["keys"]["auth"] not in str(event)
    assert ["ebb.settings.updated.v1"] == [entry["type"] for entry in await ebb.audit()]


async def test_the_same_settings_again_are_no_event(ebb: Ebb) -> None:
    await patch(ebb, time_zone="Europe/Berlin")
    await ebb.settle()
    await patch(ebb, time_zone="Europe/Berlin")
    assert [] == await ebb.settle()


async def test_a_new_zone_moves_floating_and_all_day_tasks_with_their_alarms(ebb: Ebb) -> None:
    floating = await ebb.create(
        title="a", due={"date": "2026-03-03", "time": "09:00"}, reminders=[{"minutes_before": 0}]
    )
    all_day = await ebb.create(title="b", due={"date": "2026-03-03"}, reminders=[{"minutes_before": 30}])
    zoned = await ebb.create(title="c", due={"date": "2026-03-03", "time": "09:00", "time_zone": "Asia/Tokyo"})
    await ebb.settle()
    await patch(ebb, time_zone="America/New_York")
    await ebb.settle()
    after = {task["title"]: task for task in await ebb.tasks()}
    assert ("2026-03-03T14:00:00Z", 2) == (after["a"]["due"]["at"], after["a"]["version"])
    assert "2026-03-03T13:30:00Z" == after["b"]["reminders"][0]["fire_at"]
    assert zoned == after["c"]
    assert {"2026-03-03T13:59:57+00:00", "2026-03-03T13:29:57+00:00"} == {
        due.isoformat() for due, _ in ebb.dapr.scheduled.values()
    }
    assert {floating["id"], all_day["id"], zoned["id"]} == {task["id"] for task in await ebb.tasks("?sort=due")}


async def test_another_hour_for_all_day_tasks_moves_their_alarms(ebb: Ebb) -> None:
    await ebb.create(title="b", due={"date": "2026-03-03"}, reminders=[{"minutes_before": 0}])
    await patch(ebb, all_day_reminder_time="07:30")
    (task,) = await ebb.tasks()
    assert "2026-03-03T07:30:00Z" == task["reminders"][0]["fire_at"]


async def test_the_settings_of_others_are_their_own(ebb: Ebb) -> None:
    before = await get(ebb, "bob")
    await patch(ebb, time_zone="Europe/Berlin", channels={"email": {"address": "alice@example.org"}})
    assert before == await get(ebb, "bob")
