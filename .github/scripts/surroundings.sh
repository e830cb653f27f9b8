#!/usr/bin/env bash
# What `nox -s cluster` asks of its surroundings (tests/cluster/installation.py), beside a kind cluster: a PostgreSQL and a
# Kafka that both this machine and the pods reach. They listen on this machine, and the pods know it as the gateway of
# kind's network. Prints what becomes outputs of the step; the overlay file is written to the path that is given.
set -euo pipefail
values=${1:?the overlay file to write}

gateway=$(docker network inspect kind --format '{{range .IPAM.Config}}{{println .Gateway}}{{end}}' | grep -m 1 -E '^[0-9.]+$')
node=$(kubectl get nodes --output 'jsonpath={.items[0].status.addresses[?(@.type=="InternalIP")].address}')

docker run --detach --name ebb-postgres --publish 5432:5432 --env POSTGRES_PASSWORD=ebb \
  postgres:18@sha256:3a82e1f56c8f0f5616a11103ac3d47e632c3938698946a7ad26da0df1334744a >&2
docker run --detach --name ebb-kafka --publish 9092:9092 \
  --env KAFKA_NODE_ID=1 --env KAFKA_PROCESS_ROLES=broker,controller --env KAFKA_CONTROLLER_QUORUM_VOTERS=1@localhost:9093 \
  --env KAFKA_CONTROLLER_LISTENER_NAMES=CONTROLLER --env KAFKA_LISTENERS=PLAINTEXT://:9092,CONTROLLER://localhost:9093 \
  --env KAFKA_LISTENER_SECURITY_PROTOCOL_MAP=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT \
  --env "KAFKA_ADVERTISED_LISTENERS=PLAINTEXT://$gateway:9092" --env KAFKA_NUM_PARTITIONS=4 \
  --env KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR=1 --env KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR=1 \
  --env KAFKA_TRANSACTION_STATE_LOG_MIN_ISR=1 --env KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR=1 \
  --env KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR=1 --env KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS=0 \
  apache/kafka:4.1.0@sha256:bff074a5d0051dbc0bbbcd25b045bb1fe84833ec0d3c7c965d1797dd289ec88f >&2

# The Gateway gets the node's address, so its URL is known before it exists; many functions share four cores.
cat > "$values" << END
functions: {deploy: {options: {resources: {requests: {cpu: 10m}}}}}
patches:
  - apiVersion: gateway.networking.k8s.io/v1
    kind: Gateway
    metadata: {name: ebb}
    spec: {addresses: [{type: IPAddress, value: "$node"}]}
END

for port in 5432 9092; do
  for ((second = 0; ; second++)); do
    if (: < "/dev/tcp/$gateway/$port") 2> /dev/null; then break; fi
    ((second < 60)) || { echo "surroundings: nothing listens on $gateway:$port" >&2; exit 1; }
    sleep 1
  done
done
until docker exec ebb-postgres pg_isready --username postgres --host 127.0.0.1 >&2; do sleep 1; done

printf 'database=postgresql://postgres:ebb@%s:5432/postgres\n' "$gateway"
printf 'brokers=%s:9092\ngateway=http://%s\nvalues=%s\n' "$gateway" "$node" "$values"
