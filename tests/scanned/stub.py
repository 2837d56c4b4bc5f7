"""A server that answers what a test tells it to, and remembers what it was asked."""

import collections
import http.server
import json
import re
import threading
import urllib.parse
import xml.etree.ElementTree as ET

import botocore.auth
import botocore.awsrequest
import botocore.credentials

Asked = collections.namedtuple("Asked", "method target headers body")

# Headers that say who asks, and when, and over which connection, instead of what.
ABOUT_THE_SENDER = {
    "accept-encoding", "amz-sdk-invocation-id", "amz-sdk-request", "authorization", "connection", "content-length",
    "expect", "host", "user-agent", "x-amz-content-sha256", "x-amz-date", "x-amz-user-agent",
}


class Stub:
    """Answers with each of `answers` in turn, and with the last of them ever after."""

    def __init__(self):
        self.answers, self.asked = [], []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1

            def respond(self):
                length = int(self.headers.get("content-length") or 0)
                body = self.rfile.read(length)
                headers = {name.lower(): value for name, value in self.headers.items()}
                outer.asked.append(Asked(self.command, self.path, headers, body))
                status, sent, text = outer.answers[min(len(outer.asked), len(outer.answers)) - 1]
                self.send_response(status)
                for name, value in sent.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)
                self.wfile.flush()

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = respond

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def tell(self, *answers):
        self.answers, self.asked = list(answers), []

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def body_of(asked):
    kind = asked.headers.get("content-type", "")
    if not asked.body:
        return None
    if "x-www-form-urlencoded" in kind:
        return sorted(urllib.parse.parse_qsl(asked.body.decode(), keep_blank_values=True))
    if "json" in kind:
        return json.loads(asked.body)
    try:
        return ET.canonicalize(asked.body.decode())
    except (ET.ParseError, UnicodeDecodeError):
        return asked.body


def plainly(asked):
    """What a service understands of a request: `method`, `path`, `query`, `headers`, `body`, and `signed` for what."""
    path, _, query = asked.target.partition("?")
    scope = re.search(r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/", asked.headers.get("authorization", ""))
    return {
        "method": asked.method,
        "path": path,
        "query": sorted(urllib.parse.parse_qsl(query, keep_blank_values=True)),
        "headers": {name: value for name, value in asked.headers.items() if name not in ABOUT_THE_SENDER},
        "body": body_of(asked),
        "signed": scope.groups() if scope else None,
    }


def is_signed_well(asked, key="testing", secret="testing"):
    """Whether botocore, as the service's part, comes to the same signature."""
    given = asked.headers["authorization"]
    region, service = re.search(r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/", given).groups()
    names = re.search(r"SignedHeaders=([^,]+)", given).group(1).split(";")
    signer = botocore.auth.S3SigV4Auth if service == "s3" else botocore.auth.SigV4Auth
    auth = signer(botocore.credentials.Credentials(key, secret), service, region)
    url = f"http://{asked.headers['host']}{asked.target}"
    request = botocore.awsrequest.AWSRequest(asked.method, url, {name: asked.headers[name] for name in names}, asked.body)
    request.context["timestamp"] = asked.headers["x-amz-date"]
    auth.payload = lambda _: asked.headers.get("x-amz-content-sha256") or botocore.auth.SigV4Auth.payload(auth, request)
    auth.headers_to_sign = lambda request: request.headers
    text = auth.string_to_sign(request, auth.canonical_request(request))
    return given.endswith(auth.signature(text, request))
