"""An OpenAI- and Anthropic-shaped service for tests of clients: whole answers,
compressed ones, streams, uploads, redirects, HEAD. Prints its address."""
import gzip, http.server, json, sys, time

ANSWER = 'The refund period is 14 days \u2014 caf\u00e9.'


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *args):
        pass

    def whole(self, body, status=200, kind='application/json', coding=None):
        self.send_response(status)
        self.send_header('Content-Type', kind)
        if coding:
            self.send_header('Content-Encoding', coding)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        if self.command != 'HEAD':
            self.wfile.write(body)

    def stream(self, pieces, kind='text/event-stream'):
        self.send_response(200)
        self.send_header('Content-Type', kind)
        self.send_header('Transfer-Encoding', 'chunked')
        self.end_headers()
        if self.command == 'HEAD':
            return
        for p in pieces:
            self.wfile.write(b'%x\r\n%s\r\n' % (len(p), p))
            self.wfile.flush()
            time.sleep(.02)
        self.wfile.write(b'0\r\n\r\n')

    def body(self):
        if self.headers.get('Transfer-Encoding') == 'chunked':
            out = b''
            while True:
                n = int(self.rfile.readline().split(b';')[0], 16)
                out += self.rfile.read(n)
                self.rfile.readline()
                if n == 0:
                    return out
        return self.rfile.read(int(self.headers.get('Content-Length', 0)))

    def do_GET(self):
        self.body()
        if self.path == '/gzip':
            self.whole(gzip.compress(ANSWER.encode(), mtime=0), coding='gzip',
                       kind='text/plain; charset=utf-8')
        elif self.path == '/stream':
            self.stream([b'data: %d\n\n' % i for i in range(5)])
        elif self.path == '/nothing':
            self.send_response(204)
            self.end_headers()
        elif self.path == '/same':
            self.send_response(304)
            self.send_header('ETag', '"x"')
            self.end_headers()
        elif self.path == '/move':
            self.send_response(302)
            self.send_header('Location', '/here')
            self.send_header('Content-Length', '0')
            self.end_headers()
        elif self.path == '/close':
            self.send_response(200)
            self.send_header('Connection', 'close')
            self.end_headers()
            if self.command != 'HEAD':
                self.wfile.write(ANSWER.encode())
        elif self.path == '/error':
            self.whole(b'{"error":{"message":"no"}}', 429)
        else:
            self.whole(ANSWER.encode(), kind='text/plain; charset=utf-8')

    do_HEAD = do_GET

    def do_POST(self):
        body = self.body()
        if self.path.endswith('/chat/completions'):
            self.openai(json.loads(body))
        elif self.path.endswith('/messages'):
            self.anthropic(json.loads(body))
        else:
            self.whole(body, kind='application/octet-stream')

    do_PUT = do_POST

    def openai(self, ask):
        words = [ANSWER[i:i + 7] for i in range(0, len(ANSWER), 7)]
        base = {'id': 'x', 'created': 1, 'model': 'm'}
        if ask.get('stream'):
            self.stream([b'data: ' + json.dumps({
                **base, 'object': 'chat.completion.chunk', 'choices': [{
                    'index': 0, 'delta': {'content': w},
                    'finish_reason': None}]}).encode() + b'\n\n'
                for w in words] + [b'data: [DONE]\n\n'])
            return
        body = json.dumps({**base, 'object': 'chat.completion', 'choices': [{
            'index': 0, 'message': {'role': 'assistant', 'content': ANSWER},
            'finish_reason': 'stop'}], 'usage': {
                'prompt_tokens': 1, 'completion_tokens': 2,
                'total_tokens': 3}}).encode()
        if 'gzip' in self.headers.get('Accept-Encoding', ''):
            self.whole(gzip.compress(body, mtime=0), coding='gzip')
        else:
            self.whole(body)

    def anthropic(self, ask):
        message = {'id': 'm', 'type': 'message', 'role': 'assistant',
                   'model': 'm', 'content': [], 'stop_reason': None,
                   'stop_sequence': None,
                   'usage': {'input_tokens': 1, 'output_tokens': 2}}
        if not ask.get('stream'):
            message['content'] = [{'type': 'text', 'text': ANSWER}]
            self.whole(json.dumps(message).encode())
            return
        events = [{'type': 'message_start', 'message': message},
                  {'type': 'content_block_start', 'index': 0,
                   'content_block': {'type': 'text', 'text': ''}}]
        events += [{'type': 'content_block_delta', 'index': 0, 'delta': {
            'type': 'text_delta', 'text': ANSWER[i:i + 9]}}
            for i in range(0, len(ANSWER), 9)]
        events += [{'type': 'content_block_stop', 'index': 0},
                   {'type': 'message_delta', 'delta': {
                       'stop_reason': 'end_turn', 'stop_sequence': None},
                    'usage': {'output_tokens': 2}},
                   {'type': 'message_stop'}]
        self.stream([b'event: %s\ndata: %s\n\n' % (
            e['type'].encode(), json.dumps(e).encode()) for e in events])


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128


server = Server(('127.0.0.1', 0), Handler)
print('http://127.0.0.1:%d' % server.server_address[1], flush=True)
server.serve_forever()
