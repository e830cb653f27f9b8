"""Changing the settings of a user, with everything that follows from a change.

A floating or all-day due value means another instant in another zone, so a new zone moves those tasks, their reminders
and alarms in the same transaction.
"""

from dataclasses import replace
from typing import Any

from psycopg.rows import dict_row

from shared.channel_rows import Channel, ChannelRows
from shared.errors import Fault, InvalidInput
from shared.events import SettingsUpdated, TaskUpdated
from shared.payload import Change
from shared.preference_inputs import DEFAULTS, ChannelsPatch, PushConfig, SettingsPatch
from shared.preferences_view import SettingsView, settings_view
from shared.reminder import Owner
from shared.send_webhook import new_webhook_secret
from shared.senders import available
from shared.settings import Settings
from shared.task import relocated
from shared.task_rows import COLUMNS, SOURCE, to_task
from shared.unit_of_work import UnitOfWork

SAVE = """
UPDATE users SET time_zone = %s, locale = %s, all_day_reminder_time = %s, quiet_from = %s, quiet_until = %s
WHERE id = %s
"""
# Where the owner's settings say which instant is meant.
FLOATING = f"""
SELECT {COLUMNS} FROM {SOURCE} WHERE t.user_id = %s AND t.deleted_at IS NULL AND t.status = 'open'
  AND t.due_date IS NOT NULL AND t.due_zone IS NULL ORDER BY t.id
"""
MAX_DEVICES = 20
# What is wanted of each channel by name; None for one that is to go.
Wanted = dict[str, Channel | None]


async def change_settings(work: UnitOfWork, patch: SettingsPatch, settings: Settings) -> SettingsView:
    """Apply a patch; return the settings after it. A new secret of a webhook is shown this once."""
    rows = ChannelRows(work.connection)
    owner, channels = work.owner, await rows.all(work.owner.id)
    before = settings_view(owner, channels, settings)
    wanted = _wanted(patch.channels or ChannelsPatch(), channels)
    left = {name: channel for name, channel in (channels | wanted).items() if channel is not None}
    _check(wanted, left, available(settings))
    for name, channel in wanted.items():
        if channel is None:
            await rows.remove(owner.id, name)
        else:
            await rows.save(owner.id, channel, work.now)
    await _save_owner(work, _patched(owner, patch))
    after = settings_view(work.owner, left, settings)
    _tell(work, before, after)
    return after.with_secret(left) if _new_secret(channels, left) else after


def _patched(owner: Owner, patch: SettingsPatch) -> Owner:
    given = patch.model_fields_set
    values: dict[str, Any] = {name: getattr(patch, name) or DEFAULTS[name] for name in given & DEFAULTS.keys()}
    if "time_zone" in values:
        values["zone"] = values.pop("time_zone")
    if "quiet_hours" in given:
        quiet = patch.quiet_hours
        values |= {"quiet_from": quiet and quiet.begin, "quiet_until": quiet and quiet.until}
    return replace(owner, **values)


async def _save_owner(work: UnitOfWork, after: Owner) -> None:
    before, work.owner = work.owner, after
    if after == before:
        return
    row = (after.zone, after.locale, after.all_day_reminder_time, after.quiet_from, after.quiet_until, after.id)
    await work.connection.execute(SAVE, row)
    if (after.zone, after.all_day_reminder_time) != (before.zone, before.all_day_reminder_time):
        cursor = work.connection.cursor(row_factory=dict_row)
        for found in await (await cursor.execute(FLOATING, (after.id,))).fetchall():
            task = to_task(found)
            await work.save_task(task, relocated(task, before, after, work.now), TaskUpdated)


def _wanted(patch: ChannelsPatch, channels: dict[str, Channel]) -> Wanted:
    wanted: Wanted = dict.fromkeys(patch.model_fields_set & {"email", "webhook"})
    if patch.email is not None:
        wanted["email"] = Channel("email", "email", patch.email.model_dump(mode="json"))
    if patch.webhook is not None:
        wanted["webhook"] = _webhook(patch.webhook.model_dump(mode="json"), channels.get("webhook"))
    for device, config in (patch.push or {}).items():
        wanted[f"push/{device}"] = None if config is None else _push(f"push/{device}", config)
    return wanted


def _webhook(config: dict[str, Any], old: Channel | None) -> Channel:
    secret = config["secret"] or (old.config["secret"] if old else new_webhook_secret())
    return Channel("webhook", "webhook", {**config, "secret": secret})


def _push(name: str, config: PushConfig) -> Channel:
    kind = "web_push" if config.web_push else "fcm"
    return Channel(name, kind, config.model_dump(mode="json")[kind])


def _new_secret(before: dict[str, Channel], after: dict[str, Channel]) -> bool:
    old, new = before.get("webhook"), after.get("webhook")
    return new is not None and (old is None or old.config["secret"] != new.config["secret"])


def _check(wanted: Wanted, left: dict[str, Channel], offered: frozenset[str]) -> None:
    """Raise `InvalidInput` for what this installation cannot serve, and for too many devices."""
    faults = [
        Fault(f"/channels/{name}", f"this installation does not offer {channel.kind}; its operator has to configure it")
        for name, channel in wanted.items()
        if channel is not None and channel.kind not in offered
    ]
    if sum(name.startswith("push/") for name in left) > MAX_DEVICES:
        faults.append(Fault("/channels/push", f"at most {MAX_DEVICES} devices; remove one with null"))
    if faults:
        raise InvalidInput(*faults)


def _tell(work: UnitOfWork, before: SettingsView, after: SettingsView) -> None:
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    changes = {name: Change(before=old[name], after=new[name]) for name in new if old[name] != new[name]}
    if changes:
        work.emit(SettingsUpdated(user_id=work.owner.id, actor=work.actor, changes=changes))
