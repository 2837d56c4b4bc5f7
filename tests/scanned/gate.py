"""A way to an emulator that may be closed, and that remembers which roles were asked for: `with Gate(endpoint) as gate:`"""

import http.client
import http.server
import threading
import urllib.parse

REFUSAL = b"""<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>AccessDenied</Code>
<Message>not authorized to perform: sts:AssumeRole</Message></Error><RequestId>r</RequestId></ErrorResponse>"""


class Gate:
    """Passes on all but roles in `closed` accounts and operations in `denied`; `asked` has the parameters of each AssumeRole."""

    def __init__(self, endpoint):
        self.closed, self.denied, self.asked = set(), set(), []
        target, outer = urllib.parse.urlsplit(endpoint).netloc, self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def respond(self):
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                status, headers, text = outer.refused(self.headers, body) or outer.passed(target, self, body)
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(text)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = respond

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def refused(self, headers, body):
        if headers.get("x-amz-target", "").rpartition(".")[2] in self.denied:
            return 400, [("Content-Type", "application/x-amz-json-1.1")], b'{"__type": "AccessDeniedException", "Message": "no"}'
        if b"Action=AssumeRole&" not in body:
            return None
        parameters = dict(urllib.parse.parse_qsl(body.decode()))
        self.asked.append(parameters)
        account = parameters["RoleArn"].split(":")[4]
        return (403, [("Content-Type", "text/xml")], REFUSAL) if account in self.closed else None

    @staticmethod
    def passed(target, request, body):
        connection = http.client.HTTPConnection(target, timeout=60)
        try:
            connection.request(request.command, request.path, body, dict(request.headers))
            answer = connection.getresponse()
            hop = {"content-length", "transfer-encoding", "connection"}
            headers = [pair for pair in answer.getheaders() if pair[0].lower() not in hop]
            return answer.status, headers, answer.read()
        finally:
            connection.close()
