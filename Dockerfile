# One image for all functions; FUNCTION_TARGET chooses which one a container is.
ARG BASE=python:3.13-slim

FROM ${BASE} AS build
WORKDIR /ebb
RUN python -m pip install --no-cache-dir uv
COPY pyproject.toml uv.lock README.md LICENSE ./
RUN uv sync --frozen --no-default-groups --extra schema --extra telemetry --no-install-project --no-editable
COPY shared shared
COPY functions functions
# Compiled ahead: a cold start does not compile, and the root file system can be read-only.
RUN python -m compileall -q --invalidation-mode unchecked-hash .venv shared functions

FROM ${BASE}
LABEL org.opencontainers.image.title="ebb" \
      org.opencontainers.image.description="A task manager made of small functions on Knative" \
      org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /ebb
COPY --from=build /ebb /ebb
ENV PATH=/ebb/.venv/bin:$PATH PYTHONPATH=/ebb PYTHONUNBUFFERED=1
USER 65532
EXPOSE 8080
ENTRYPOINT ["python", "-m", "shared.bootstrap"]
