"""Benchmarks and accounts that anyone can run: `nox -s demo`, `nox -s bench -- NAME`."""
