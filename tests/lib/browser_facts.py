"""What a page's DOM holds, a line each: usage browser_facts.py FILE"""
import html.parser
import sys

OUTWARD = ("src", "href", "action", "data", "srcset", "background")
TAGS = ("script", "style", "img", "iframe", "object", "base", "link")


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.n = dict.fromkeys(TAGS, 0)
        self.handlers = self.outward = self.open = 0
        self.rows = self.hidden_rows = 0
        self.filter = "none"
        self.text = {"title": "", "filter-count": ""}
        self.inside = None

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        if tag in self.n:
            self.n[tag] += 1
        self.handlers += sum(k[:2] == "on" or k == "style" for k in a)
        self.outward += sum(
            k in a and not (a[k] or "").startswith("#") for k in OUTWARD
        )
        self.open += tag == "details" and "open" in a
        self.rows += "data-v" in a
        self.hidden_rows += "data-v" in a and "hidden" in a
        if a.get("id") == "filter":
            self.filter = "hidden" if "hidden" in a else "shown"
        self.inside = "title" if tag == "title" else a.get("id")

    def handle_endtag(self, tag):
        self.inside = None

    def handle_data(self, data):
        if self.inside in self.text:
            self.text[self.inside] += data


page = Page()
page.feed(open(sys.argv[1], encoding="utf-8").read())
for tag in TAGS:
    print(tag, page.n[tag])
print("handlers", page.handlers)
print("outward", page.outward)
print("open", page.open)
print("rows", page.rows, page.hidden_rows)
print("filter", page.filter)
print("count", page.text["filter-count"])
print("title", page.text["title"])
