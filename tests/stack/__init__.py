"""The real parts: Kafka, Dapr's sidecar and scheduler. `nox -s integration` builds, starts and tests them."""
