"""Receives what `detente webhooks` sends, checks the signature, and takes each message once; standard library only.

    DETENTE_WEBHOOK_SECRET=… python receive_webhook.py [PORT]

The signature is that of Standard Webhooks, so that its libraries for other languages will do as well.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

PORT = int(sys.argv[1]) if len(sys.argv) > 1 else 8080
SECRET = os.environ["DETENTE_WEBHOOK_SECRET"]
KEY = base64.b64decode(SECRET[6:]) if SECRET.startswith("whsec_") else SECRET.encode()
OLDEST_SECONDS = 300
taken = set()  # keep these in a database, or a restart takes a repeat for new


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        key, sent = self.headers.get("webhook-id", ""), self.headers.get("webhook-timestamp", "")
        digest = hmac.new(KEY, f"{key}.{sent}.".encode() + body, hashlib.sha256).digest()
        wanted = "v1," + base64.b64encode(digest).decode()
        signed = hmac.compare_digest(wanted, self.headers.get("webhook-signature", ""))
        if not signed or not sent.isdigit() or abs(time.time() - int(sent)) > OLDEST_SECONDS:
            self.send_response(401)
        else:
            self.send_response(204)
            if key not in taken:
                taken.add(key)
                for alert in json.loads(body)["alerts"]:
                    print(alert["severity"].upper(), alert["headline"], flush=True)
        self.end_headers()


HTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
