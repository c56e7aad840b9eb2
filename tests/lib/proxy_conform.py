"""Drives `lockstep record` with raw sockets through the corners of RFC 9112
and compares, byte for byte: what the service gets through the recorder with
what it gets without it, what the client gets likewise, and both with the
trace. What a proxy has to change is worked out here, a second time. Prints
TAP. usage: proxy_conform.py LOCKSTEP FOLDER"""
import base64, json, os, random, re, signal, socket, subprocess, sys
import threading, time

LOCKSTEP, DIR = sys.argv[1:3]
HOPS = {b'connection', b'keep-alive', b'proxy-connection', b'te', b'upgrade',
        b'proxy-authenticate', b'proxy-authorization'}
OK = b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
count = bad = 0


def ok(good, what, detail=''):
    global count, bad
    count += 1
    print(('ok' if good else 'not ok'), count, '-', what)
    if not good:
        bad += 1
        for line in str(detail)[:2000].split('\n'):
            print('#', line)
    return good


# ---- a service that sends what a case says ---------------------------------

class Service:
    def __init__(self):
        self.sock = socket.create_server(('127.0.0.1', 0), backlog=64)
        self.port = self.sock.getsockname()[1]
        self.got, self.answer, self.requests = b'', [OK], 0
        self.closed = threading.Event()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            c, _ = self.sock.accept()
            c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.serve, args=(c,), daemon=True).start()

    def serve(self, c):
        buf = b''
        try:
            while True:
                n = whole(buf)
                while n is None:
                    more = c.recv(65536)
                    if not more:
                        return
                    self.got += more
                    buf += more
                    n = whole(buf)
                buf = buf[n:]
                self.requests += 1
                if not self.say(c):
                    return
        except OSError:
            pass
        finally:
            c.close()

    def say(self, c):
        for piece in self.answer:
            if piece == 'close':
                return False
            if piece == 'told':     # closed, and said when
                c.close()
                self.closed.set()
                return False
            if piece == 'reset':
                c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                             b'\1\0\0\0\0\0\0\0')
                return False
            if piece == 'wait':
                time.sleep(.05)
            elif piece == 'echo':
                c.sendall(c.recv(65536))
            else:
                c.sendall(piece)
        return True


def whole(buf):
    """How long the request at the beginning of buf is, or None."""
    end = buf.find(b'\r\n\r\n')
    if end < 0:
        return None
    head, n = buf[:end + 2].lower(), end + 4
    m = re.search(rb'\r\ncontent-length: *(\d+)', head)
    if m:
        n += int(m.group(1))
        return n if len(buf) >= n else None
    if b'\r\ntransfer-encoding:' in head:
        while True:
            eol = buf.find(b'\r\n', n)
            if eol < 0:
                return None
            size = int(buf[n:eol].split(b';')[0], 16)
            n = eol + 2
            if size == 0:
                break
            n += size + 2
            if len(buf) < n:
                return None
        while True:
            eol = buf.find(b'\r\n', n)
            if eol < 0:
                return None
            last, n = eol == n, eol + 2
            if last:
                return n
    return n


# ---- what a proxy has to change --------------------------------------------

def fields(head):
    return head.split(b'\r\n')


def named(lines):
    names = set(HOPS)
    for line in lines:
        name, _, value = line.partition(b':')
        if name.lower() == b'connection':
            names |= {v.strip().lower() for v in value.split(b',')}
    return names - {b'content-length', b'transfer-encoding', b'host'}


def request_through(raw):
    head, _, body = raw.partition(b'\r\n\r\n')
    line, *lines = fields(head)
    method, target, version = line.split(b' ')
    m = re.match(rb'https?://[^/?]+(.*)$', target, re.I)
    if m:
        target = m.group(1)
        if target == b'':
            target = b'*' if method == b'OPTIONS' else b'/'
        elif target.startswith(b'?'):
            target = b'/' + target
    drop, out, host = named(lines), [], b'127.0.0.1:%d' % service.port
    if version == b'HTTP/1.0':
        drop.add(b'expect')
    low = {h.partition(b':')[0].lower() for h in lines}
    if b'host' not in low:
        out.append(b'Host: ' + host)
    for h in lines:
        name = h.partition(b':')[0]
        if name.lower() == b'host':
            out.append(name + b': ' + host)
        elif name.lower() not in drop:
            out.append(h)
    if any(re.match(rb'te:.*trailers', h, re.I) for h in lines):
        out += [b'TE: trailers', b'Connection: TE']
    return b'\r\n'.join([method + b' ' + target + b' HTTP/1.1'] + out) + \
        b'\r\n\r\n' + body


def answer_through(raw, keep, minor=1, dechunk=None):
    """One final answer. dechunk: its content, for an HTTP/1.0 client"""
    raw = raw.replace(b'\r\n', b'\n').replace(b'\n', b'\r\n') \
        if raw.startswith(b'HTTP/1.0') and b'\r\n' not in raw else raw
    head, _, body = raw.partition(b'\r\n\r\n')
    head = re.sub(rb'\r\n[ \t]+', b' ', head)
    line, *lines = fields(head)
    drop, out = named(lines), []
    low = {h.partition(b':')[0].strip().lower() for h in lines}
    lengths = [h for h in lines if h.lower().startswith(b'content-length')]
    for h in lines:
        name, colon, value = h.partition(b':')
        key = name.strip().lower()
        if key in drop or (key == b'content-length' and
                           b'transfer-encoding' in low):
            continue
        if dechunk is not None and key in (b'transfer-encoding', b'trailer'):
            continue
        out.append(name.rstrip() + colon + value)
    line = re.sub(rb'^HTTP/1\.\d (\d+) ?', rb'HTTP/1.1 \1 ', line)
    if not keep:
        out.append(b'Connection: close')
    elif minor == 0:
        out.append(b'Connection: keep-alive')
    return b'\r\n'.join([line] + out) + b'\r\n\r\n' + \
        (body if dechunk is None else dechunk)


# ---- talking ---------------------------------------------------------------

def talk(port, raw, want=None, half=False):
    """Sends raw; reads until want bytes have come and nothing follows, or the
    end. returns bytes, whether the end was seen"""
    s = socket.create_connection(('127.0.0.1', port))
    s.settimeout(20)
    out = b''
    try:
        s.sendall(raw)
        if half:
            s.shutdown(socket.SHUT_WR)
        while True:
            if want is not None and len(out) >= want:
                s.settimeout(.012)
            more = s.recv(65536)
            if not more:
                return out, True
            out += more
    except socket.timeout:
        return out, False
    except OSError:
        return out, True
    finally:
        s.close()


def start(*options):
    path = os.path.join(DIR, 'conform%d.jsonl.zst' % start.n)
    start.n += 1
    p = subprocess.Popen([LOCKSTEP, 'record', '--upstream',
                          'http://127.0.0.1:%d' % service.port, '--out', path,
                          *options], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True)
    port = int(re.search(r'http://[^:]*:(\d+)', p.stdout.readline()).group(1))
    return p, port, path


start.n = 0


def finish(p, path):
    p.send_signal(signal.SIGTERM)
    err = p.communicate(timeout=30)[1]
    lines = subprocess.run([LOCKSTEP, 'trace', 'cat', path],
                           stdout=subprocess.PIPE).stdout.splitlines()
    records = [json.loads(x) for x in lines]
    return err, [r for r in records if r['type'] == 'exchange'], records


def text_of(o, key):
    if key + '_b64' in o:
        return base64.b64decode(o[key + '_b64'])
    return o[key].encode() if key in o else None


def headers_of(o, key='headers'):
    return [(h[0].encode(), base64.b64decode(h[2]) if h[1] is None else
             h[1].encode()) for h in o.get(key, [])]


def split_fields(raw):
    head = raw.partition(b'\r\n\r\n')[0]
    head = re.sub(rb'\r\n[ \t]+', b' ', head)
    return [(h.partition(b':')[0].rstrip(), h.partition(b':')[2].strip(b' \t'))
            for h in fields(head)[1:]]


def dechunked(body):
    out, n = b'', 0
    while True:
        eol = body.index(b'\r\n', n)
        size = int(body[n:eol].split(b';')[0], 16)
        if size == 0:
            return out
        out += body[eol + 2:eol + 2 + size]
        n = eol + 2 + size + 2


service = Service()
HOST = b'Host: 127.0.0.1:%d\r\n' % service.port


def req(line, *lines, body=b'', host=None):
    return line + b'\r\n' + (HOST if host is None else host) + \
        b''.join(h + b'\r\n' for h in lines) + b'\r\n' + body


exec(open(os.path.join(os.path.dirname(__file__), 'proxy_cases.py')).read())

print('1..%d' % count)
sys.exit(bad != 0)
