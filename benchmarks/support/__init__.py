"""What the benchmarks and the fault tests share: a server process, a load, and the account of its effects."""
