"""The parts of OpenAI's API that its stores are read by, as its reference has
them: stored completions with their messages, files, batches. Answers are those
of the service at URL.
usage: openai_store.py URL GOLD N; prints http://HOST:PORT"""
import http.server, json, sys, urllib.parse, urllib.request

service, gold, n = sys.argv[1], sys.argv[2], int(sys.argv[3])
questions = [json.loads(line)["question"] for line in open(gold)][:n]
files, completions = {}, {}


def ask(body):
    """The service's answer, and its status."""
    request = urllib.request.Request(
        service + "/v1/chat/completions", json.dumps(body).encode(),
        {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def store(i, question):
    """One that was asked with store=True."""
    body = ask({"model": "m", "messages": [
        {"role": "user", "content": question}]})
    body.update(id=f"chatcmpl-{i:03}", object="chat.completion",
                created=1769860800 + i, request_id=f"req_{i}", seed=2**62 + i,
                tool_choice=None, top_p=1.0, temperature=0.2, tools=None,
                presence_penalty=0.0, frequency_penalty=0.0, input_user=None,
                service_tier="default", metadata={"tenant": "acme"},
                response_format=None)
    completions[body["id"]] = body


def page(v, after, limit):
    """A page of a list, by the last id of the one before."""
    ids = [x["id"] for x in v]
    at = ids.index(after) + 1 if after else 0
    v = v[at:at + limit]
    return {"object": "list", "data": v, "first_id": v[0]["id"],
            "last_id": v[-1]["id"], "has_more": at + len(v) < len(ids)}


def messages(of):
    question = questions[int(of.split("-")[1])]
    return [{"id": f"{of}-{i}", "role": role, "content": text, "name": None,
             "content_parts": None} for i, (role, text) in enumerate(
        [("system", "Be brief."), ("user", question)])]


def batch(lines):
    """The output of a batch; the last line's request came too late."""
    out = []
    for i, line in enumerate(lines):
        q = json.loads(line)
        late = i == len(lines) - 1
        out.append({"id": f"batch_req_{i}", "custom_id": q["custom_id"],
                    "response": None if late else {
                        "status_code": 200, "request_id": f"req_{i}",
                        "body": ask(q["body"])},
                    "error": {"code": "batch_expired", "message":
                              "This request could not be executed before the "
                              "completion window expired."} if late else None})
    return "".join(json.dumps(x) + "\n" for x in reversed(out))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def say(self, body):
        if not isinstance(body, str):
            body = json.dumps(body)
        body = body.encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        url = urllib.parse.urlparse(self.path)
        query = urllib.parse.parse_qs(url.query)
        path = url.path.split("/")[2:]
        after = query.get("after", [None])[0]
        limit = int(query.get("limit", ["20"])[0])
        if path[0] == "files":
            self.say(files[path[1]])
        elif path[-1] == "messages":
            self.say(page(messages(path[2]), after, limit))
        else:
            self.say(page(list(completions.values()), after, limit))

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.endswith("/files"):
            mark = b"--" + self.headers["Content-Type"].split(
                "boundary=")[1].strip('"').encode()
            part = next(p for p in body.split(mark) if b"filename=" in p)
            name = f"file-{len(files)}"
            files[name] = part.split(b"\r\n\r\n", 1)[1][:-2].decode()
            self.say({"id": name, "object": "file", "bytes": len(files[name]),
                      "created_at": 1769860800, "filename": "in.jsonl",
                      "purpose": "batch", "status": "processed"})
        else:
            q = json.loads(body)
            files["file-out"] = batch(files[q["input_file_id"]].splitlines())
            self.say({"id": "batch_1", "object": "batch", "status":
                      "completed", "endpoint": q["endpoint"],
                      "input_file_id": q["input_file_id"],
                      "completion_window": "24h", "created_at": 1769860800,
                      "output_file_id": "file-out"})


for i, question in enumerate(questions):
    store(i, question)
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
