"""The real parts: Kafka, Dapr's sidecar and scheduler. `nox -s integration` tests them, `nox -s stack` runs them."""
