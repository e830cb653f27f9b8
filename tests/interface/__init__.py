"""The HTTP interface held against its own description by Schemathesis: `nox -s schemathesis`."""
