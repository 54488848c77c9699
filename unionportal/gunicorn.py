"""Gunicorn's configuration, the same for the demonstration and for production.

Threads rather than one process per request: a page waits for the database most of its time.
"""

import os
from pathlib import Path

wsgi_app = "unionportal.wsgi:application"
bind = os.environ.get("BIND", "127.0.0.1:8000")
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))
# A large spreadsheet is taken in by the background worker, so no request is allowed to be longer than this.
timeout = 60
graceful_timeout = 20
keepalive = 5
# A slow leak in any library ends with the worker; the jitter keeps the workers from ending together.
max_requests = 2000
max_requests_jitter = 200
# The heartbeat file on a disk may block a worker while the disk is busy.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None
# A socket for remote control would outlive kill -9 and is used by nobody.
control_socket_disable = True
accesslog = "-" if os.environ.get("ACCESS_LOG", "1") == "1" else None
errorlog = "-"
# The visitor's address, not the proxy's; the query is left out, for it may hold what a person searched for.
access_log_format = '%({x-forwarded-for}i)s %(h)s %(t)s "%(m)s %(U)s %(H)s" %(s)s %(b)s %(D)sus'
# Who may say X-Forwarded-Proto: nothing but the reverse proxy reaches this port.
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")
