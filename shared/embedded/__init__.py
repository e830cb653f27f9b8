"""The local stand-in for Dapr, Kafka and Knative: one process for one person, durable in PostgreSQL."""
