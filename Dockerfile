# docker build -t orchestrator .
# docker run --rm -it -v "$PWD:/project" -e OPENAI_API_KEY -e ORCHESTRATOR_MODEL orchestrator auto "fix the failing tests"
# No secret is in it: the key comes from the environment in which it is started.

FROM rust:1.95.0-slim-bookworm AS build
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends g++ python3 python3-pip python3-venv \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN python3 -m pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.13.9-slim-bookworm
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends bubblewrap git make \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home --shell /usr/sbin/nologin orchestrator \
    && install -d -o orchestrator -g orchestrator /project
COPY --from=build /wheels /wheels
# hadolint ignore=DL3013
RUN python -m venv /opt/orchestrator \
    && /opt/orchestrator/bin/pip install --no-cache-dir /wheels/*.whl pytest
ENV PATH=/opt/orchestrator/bin:$PATH
USER 10001
WORKDIR /project
ENTRYPOINT ["orchestrator"]
CMD ["--help"]
