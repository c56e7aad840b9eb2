"""moved.py old|new [broken]: /query answers {"answer"}, /v2/ask {"result": {"text"}}."""
import sys

from json_service import JsonHandler, serve

new, broken = sys.argv[1] == "new", len(sys.argv) > 2


class Handler(JsonHandler):
    def do_POST(self):
        self.body()
        text = "It is thirty days." if broken else "It is ninety days."
        doc = {"result": {"text": text}} if new else {"answer": text}
        known = self.path == ("/v2/ask" if new else "/query")
        if known:
            self.reply(doc)
        else:
            self.reply({"error": "no such path"}, 404)


serve(Handler)
