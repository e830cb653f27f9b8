"""The tests on a real cluster: `nox -s cluster`."""
