"""The operations of the user: settings, tokens, notifications, the audit log, changes, and the account itself."""

from shared import account_export, audit_export, change_stream
from shared.audit import AuditPage
from shared.changes import ChangePage, ChangeView
from shared.errors import HistoryGone
from shared.inputs import Nothing
from shared.notification_query import NotificationPage, NotificationView
from shared.openapi.operation import JSON, REF, Link, Operation, Reply
from shared.openapi.parameters import AUDIT, AUDIT_EXPORT, CHANGE_TOKEN, NOTIFICATIONS, TEXT
from shared.preference_inputs import SettingsPatch
from shared.preferences_view import SettingsView
from shared.tokens import NewTokenView, TokenInput, TokenPage

_KEY = ("Idempotency-Key",)
_TEXT = {"type": "string"}
_STREAM = {
    "type": "object",
    "description": "One event: its `id` is the token to come back with. A comment comes every 15 seconds. The stream"
    " ends by itself after some minutes, and clients come back with `Last-Event-ID`.",
    "required": ["id", "data"],
    "properties": {
        "id": {"type": "string", "pattern": CHANGE_TOKEN["pattern"]},
        "data": {"type": "string", "contentMediaType": JSON, "contentSchema": {"$ref": f"{REF}{ChangeView.__name__}"}},
    },
}


def _media(content_type: str) -> str:
    return content_type.partition(";")[0]


OPERATIONS = (
    Operation(
        "GET", "/v1/changes", "list_changes", "What changed since a token",
        {200: Reply(ChangePage, links={"more": Link("list_changes", {"since": "$response.body#/next"})})},
        query={"since": CHANGE_TOKEN}, headers=("Last-Event-ID",), problems=(HistoryGone,),
    ),
    Operation(
        "GET", "/v1/stream", "stream_changes", "The same changes as they happen, as server-sent events",
        {200: Reply(media={change_stream.HEADERS["Content-Type"]: _STREAM}, headers=("Cache-Control",))},
        query={"since": CHANGE_TOKEN}, headers=("Last-Event-ID",), problems=(HistoryGone,),
    ),
    Operation(
        "GET", "/v1/notifications", "list_notifications", "What was told, newest first",
        {200: Reply(NotificationPage, links={
            "next_page": Link("list_notifications", {"cursor": "$response.body#/next"}),
            "read": Link("read_notification", {"id": "$response.body#/notifications/0/id"}),
        })},
        query=NOTIFICATIONS,
    ),
    Operation("GET", "/v1/notifications/{id}", "get_notification", "Read one", {200: Reply(NotificationView)}),
    Operation(
        "POST", "/v1/notifications/{id}/read", "read_notification", "Mark one as read", {200: Reply(NotificationView)},
        headers=_KEY, body=Nothing, scope="write",
    ),
    Operation(
        "GET", "/v1/audit", "list_audit", "Who did what, newest first",
        {200: Reply(AuditPage, links={"next_page": Link("list_audit", {"cursor": "$response.body#/next"})})},
        query=AUDIT,
    ),
    Operation(
        "GET", "/v1/audit/export", "export_audit", "The audit log as a file, with the hashes that chain it",
        {200: Reply(
            media={_media(one): _TEXT for one in audit_export.CONTENT_TYPES.values()},
            headers=("Content-Disposition", "Cache-Control"),
        )},
        query=AUDIT_EXPORT,
    ),
    Operation("GET", "/v1/settings", "get_settings", "Read the settings", {200: Reply(SettingsView)}),
    Operation(
        "PATCH", "/v1/settings", "update_settings", "Change settings", {200: Reply(SettingsView)}, headers=_KEY,
        body=SettingsPatch, scope="write",
        examples={"vienna": {
            "time_zone": "Europe/Vienna", "locale": "de-AT", "quiet_hours": {"from": "22:00", "until": "07:00"},
            "channels": {"email": {"address": "me@example.org"}},
        }},
    ),
    Operation("GET", "/v1/tokens", "list_tokens", "List personal access tokens", {200: Reply(TokenPage)}),
    Operation(
        "POST", "/v1/tokens", "create_token", "Make a personal access token",
        {201: Reply(NewTokenView, headers=("Location",), links={
            "revoke_token": Link("revoke_token", {"id": "$response.body#/id"}),
        })},
        headers=_KEY, body=TokenInput, scope="write",
        examples={"reader": {"name": "a screen in the hall", "scopes": ["read"]}},
    ),
    Operation(
        "DELETE", "/v1/tokens/{id}", "revoke_token", "Revoke a token", {204: Reply()}, headers=_KEY, scope="write"
    ),
    Operation(
        "GET", "/v1/account/export", "export_account", "Everything that is stored of the user",
        {200: Reply(media={_media(account_export.MEDIA_TYPE): _TEXT}, headers=("Content-Disposition",))},
    ),
    Operation(
        "DELETE", "/v1/account", "delete_account", "Close the account; it is erased soon after",
        {202: Reply(description="It is closed: no token works any more.")},
        query={"confirm": {**TEXT, "description": "The id of the caller's own account."}},
        required=("confirm",), scope="write",
    ),
)  # fmt: skip
