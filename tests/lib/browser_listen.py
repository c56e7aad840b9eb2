"""Answers every request with 204 and prints its host: usage browser_listen.py"""
import http.server


class Hit(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        print("hit", self.headers.get("Host"), self.path, flush=True)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Hit)
print("port", server.server_address[1], flush=True)
server.serve_forever()
