# Two stages: the wheel and its locked dependencies are built in one and copied into the other.
FROM python:3.12-slim-bookworm AS build
WORKDIR /src
RUN python -m venv /opt/qingzhuang
COPY requirements.lock ./
RUN /opt/qingzhuang/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY handlers handlers
COPY storage storage
COPY config config
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels . \
 && /opt/qingzhuang/bin/pip install --no-cache-dir --no-deps /wheels/*.whl

FROM python:3.12-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /var/lib/qingzhuang --create-home qingzhuang
COPY --from=build /opt/qingzhuang /opt/qingzhuang
ENV PATH=/opt/qingzhuang/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    QZ_DATA_DIR=/var/lib/qingzhuang \
    QZ_SERVER__HOST=0.0.0.0 \
    QZ_SERVER__PORT=8080
USER 10001
WORKDIR /var/lib/qingzhuang
VOLUME /var/lib/qingzhuang
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=3s --start-period=15s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=2)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["qingzhuang"]
CMD ["serve"]
