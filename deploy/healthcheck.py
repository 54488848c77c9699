"""Exit 0 if the portal in this container answers /healthz: for Docker's HEALTHCHECK."""

import os
import sys
import urllib.request

# Under a name the portal accepts; Django refuses 127.0.0.1 in production.
host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].lstrip(".*") or "localhost"
request = urllib.request.Request("http://127.0.0.1:8000/healthz", headers={"Host": host})
try:
    with urllib.request.urlopen(request, timeout=5) as answer:
        sys.exit(answer.status != 200)
except OSError as error:
    sys.exit(f"/healthz: {error}")
