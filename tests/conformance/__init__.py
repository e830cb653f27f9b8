"""Scores public case files, which stay outside the repository: `nox -s conformance -- FOLDER`."""
