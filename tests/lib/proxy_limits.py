"""`lockstep record` under pressure: memory, connections, files, a stopped
service, a trace that is deleted or does not fit. Prints TAP.
usage: proxy_limits.py LOCKSTEP FOLDER [SCALE]
SCALE 1 is for tests; 50 is a gigabyte and 10,000 connections."""
import atexit, json, os, random, re, resource, signal, socket, subprocess
import sys, threading, time

LOCKSTEP, DIR = sys.argv[1:3]
SCALE = int(sys.argv[3]) if len(sys.argv) > 3 else 1
MB = 1 << 20
random.seed(280)
count = bad = 0
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def ok(good, what, detail=''):
    global count, bad
    count += 1
    print(('ok' if good else 'not ok'), count, '-', what, flush=True)
    if not good:
        bad += 1
        for line in str(detail)[:1500].split('\n'):
            print('#', line)


# ---- the service, a process of its own so that it can be stopped -------------

def service(sock):
    def serve(c):
        buf = b''
        try:
            while True:
                while b'\r\n\r\n' not in buf:
                    more = c.recv(65536)
                    if not more:
                        return
                    buf += more
                head, buf = buf.split(b'\r\n\r\n', 1)
                m = re.search(rb'(?i)content-length: (\d+)', head)
                left = int(m.group(1)) - len(buf) if m else 0
                buf = b''
                while left > 0:
                    left -= len(c.recv(min(left, MB)))
                path = head.split(b' ')[1]
                n = int(path.split(b'=')[1]) if b'=' in path else 0
                if path.startswith(b'/tiny'):
                    c.sendall(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: '
                              b'chunked\r\n\r\n')
                    for _ in range(n // 10000):
                        c.sendall(b'1\r\nx\r\n' * 10000)
                    c.sendall(b'0\r\n\r\n')
                elif path.startswith(b'/big'):
                    c.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n'
                              % n)
                    for _ in range(n // 65536):
                        c.sendall(b'y' * 65536)
                else:
                    c.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n'
                              b'ok')
        except OSError:
            pass
        finally:
            c.close()
    while True:
        c, _ = sock.accept()
        threading.Thread(target=serve, args=(c,), daemon=True).start()


listener = socket.create_server(('127.0.0.1', 0), backlog=4096)
up = listener.getsockname()[1]
service_pid = os.fork()
if service_pid == 0:
    service(listener)
# whatever ends this, or what reads our output would wait for the service
atexit.register(os.kill, service_pid, signal.SIGKILL)
listener.close()


class Recorder:
    n = 0

    def __init__(self, *options, before=''):
        Recorder.n += 1
        self.path = os.path.join(DIR, 'limits%d.jsonl.zst' % Recorder.n)
        self.err = self.path + '.err'
        self.p = subprocess.Popen(
            ['sh', '-c', before + ' exec "$@"', 'sh', LOCKSTEP, 'record',
             '--upstream', 'http://127.0.0.1:%d' % up, '--out', self.path,
             *options], stdout=subprocess.PIPE, stderr=open(self.err, 'w'),
            text=True)
        m = re.search(r'http://[^:]*:(\d+)', self.p.stdout.readline())
        self.port = int(m.group(1)) if m else None

    def connect(self):
        return socket.create_connection(('127.0.0.1', self.port), timeout=60)

    def peak(self):
        text = open('/proc/%d/status' % self.p.pid).read()
        return int(re.search(r'VmHWM:\s*(\d+)', text).group(1)) / 1024

    def stop(self, sig=signal.SIGTERM):
        self.p.send_signal(sig)
        self.status = self.p.wait(60)
        self.said = open(self.err).read()
        return self

    def records(self):
        out = subprocess.run([LOCKSTEP, 'trace', 'cat', self.path],
                             stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL).stdout
        return [json.loads(x) for x in out.splitlines()]

    def found(self):
        return sum(r['type'] == 'exchange' for r in self.records())


def head(line, *lines):
    return ('\r\n'.join((line + ' HTTP/1.1', 'Host: x') + lines) +
            '\r\n\r\n').encode()


def ask(r, path='/', timeout=20):
    """A fresh request. returns its status and how long it took"""
    t = time.time()
    try:
        with r.connect() as s:
            s.settimeout(timeout)
            s.sendall(head('GET ' + path, 'Connection: close'))
            out = b''
            while True:
                more = s.recv(65536)
                if not more:
                    break
                out += more
        return int(out[9:12] or 0), time.time() - t
    except OSError:
        return 0, time.time() - t


def drain(s):
    n = 0
    try:
        while True:
            more = s.recv(MB)
            if not more:
                return n
            n += len(more)
    except OSError:
        return n


# ---- memory ------------------------------------------------------------------
size = 20000000 * SCALE
r = Recorder('--memory', str(16 * MB if SCALE == 1 else 256 * MB))
idle = [r.connect() for _ in range(200 * SCALE)]
stalled = []
for _ in range(20):
    s = r.connect()
    s.sendall(head('POST /up', 'Content-Length: 60000000'))
    s.setblocking(False)
    stalled.append(s)
left = [3 * MB if SCALE == 1 else 59000000] * 20
slow = r.connect()
slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
slow.sendall(head('GET /big?n=%d' % size))
tiny = r.connect()
tiny.sendall(head('GET /tiny?n=%d' % size, 'Connection: close'))
got = []
reader = threading.Thread(target=lambda: got.append(drain(tiny)))
reader.start()
end, piece = time.time() + 3 + 60 * (SCALE > 1), b'u' * 65536
while any(left) and time.time() < end:
    for i, s in enumerate(stalled):
        try:
            left[i] -= s.send(piece[:left[i]]) if left[i] else 0
        except BlockingIOError:
            pass
    time.sleep(.001)
status, took = ask(r)
ok(status == 200 and took < (1 if SCALE > 1 else 30), 'a fresh request beside '
   '%d idle connections, 20 stalled uploads, a slow reader and %d one-byte '
   'chunks' % (len(idle), size), (status, took, left))
reader.join()
n = 0
while n < 2 * MB:
    n += len(slow.recv(65536))
peak = r.peak()
ok(got == [got[0]] and got[0] > size * 6, 'the chunks arrive', got)
ok(peak < (60 if SCALE == 1 else 300), 'memory is bounded: %d MB' % peak)
for s in idle + stalled + [slow]:
    s.close()
r.stop()
ok(r.status == 0 and 'memory full' in r.said and
   re.search(r'seen 23 = written \d+ \+ dropped (\d+)', r.said),
   'what was not kept is counted', r.said)
print('#', r.said.strip().split('\n')[-1].split(': ', 1)[-1])

# ---- connections -------------------------------------------------------------
r = Recorder('--connections', '50', '--head-timeout', '500ms')
idle = [r.connect() for _ in range(300)]
ok(ask(r)[0] == 200, 'idle connections make room for a new one')
closed = 0
for s in idle:
    s.settimeout(.01)
    try:
        closed += s.recv(1) == b''
    except OSError:
        pass
    s.close()
ok(closed >= 240, 'the longest idle first', closed)
late = r.connect()
late.sendall(b'GET / HT')
ok(drain(late) > 0, 'a head that does not come in time is answered')
busy = []
for _ in range(50):
    s = r.connect()
    s.sendall(head('POST /', 'Content-Length: 5'))
    busy.append(s)
time.sleep(2)       # until it has read all of their heads
ok(ask(r)[0] == 503, 'where all are busy a new one is refused')
for s in busy:
    s.sendall(b'hello')
ok(all(s.recv(99).startswith(b'HTTP/1.1 200') for s in busy),
   'and those that are there get their answers')
r.stop()
ok('too many connections 1' in r.said and 'head not in time 1' in r.said,
   'both are counted', r.said)

r = Recorder(before='ulimit -n 64;')
many = []
for _ in range(150):
    try:
        many.append(r.connect())
    except OSError:
        pass
ok(ask(r)[0] == 200, 'with 64 files, a request beside 150 connections')
for s in many:
    s.close()
r.stop()
ok(r.status == 0, 'and it ends well', r.said)

# ---- a service that stops, and one that is gone --------------------------------
r = Recorder()
ask(r)
os.kill(service_pid, signal.SIGSTOP)
got = []
waiting = threading.Thread(target=lambda: got.append(ask(r)))
waiting.start()
time.sleep(.5)
early = list(got)
os.kill(service_pid, signal.SIGCONT)
waiting.join()
ok(early == [] and got[0][0] == 200, 'a stopped service is waited for', got)

# ---- a trace that is gone -------------------------------------------------------
os.unlink(r.path)
end = time.time() + 60
while 'was deleted' not in open(r.err).read() and time.time() < end:
    time.sleep(.05)
ok('was deleted' in open(r.err).read(), 'a deleted trace is said at once')
ok(ask(r)[0] == 200, 'the traffic flows on')
r.stop()
ok(r.status == 2 and 'seen 3 = written 0 + dropped 3 (the trace was deleted '
   '3)' in r.said, 'and it is no success', (r.status, r.said))

# cut short, as `> trace` and copytruncate do
r = Recorder()
ask(r)
end = time.time() + 5
while os.path.getsize(r.path) < 200 and time.time() < end:
    time.sleep(.05)
os.truncate(r.path, 100)
ask(r)
while 'was cut short' not in open(r.err).read() and time.time() < end + 20:
    time.sleep(.05)
ask(r)
r.stop()
ok(r.status == 2 and 'seen 3 = written 0 + dropped 3 (the trace was cut '
   'short 3)' in r.said and os.path.getsize(r.path) == 100,
   'what a cut trace lost is counted', (r.status, r.said))

r = Recorder()
ask(r)
os.rename(r.path, r.path + '.moved')
end = time.time() + 60
while 'was moved' not in open(r.err).read() and time.time() < end:
    time.sleep(.05)
ask(r)
r.stop()
r.path += '.moved'
ok(r.status == 0 and r.found() == 2 and 'was moved' in r.said,
   'one that was moved is whole under its new name', r.said)

# ---- a disk that is full at some moment, and kill -9 -----------------------------
wrong = []
random.seed(7)
for i in range(5 * min(SCALE, 10)):
    blocks = 1 if i == 4 else random.randint(1, 400)
    r = Recorder(before='ulimit -f %d;' % blocks)
    if not r.port:      # not even the trace's head has room
        r.stop()
        if r.status != 2 or r.path not in r.said:
            wrong.append((blocks, r.status, r.said))
        continue
    s = r.connect()
    sent = random.randint(5, 60)
    for k in range(sent):
        body = random.randbytes(random.randint(1, 12000)).hex()
        s.sendall(head('POST /q', 'Content-Length: %d' % len(body)) +
                  body.encode())
        while not s.recv(9999).endswith(b'ok'):
            pass
    if i % 2:
        time.sleep(1.1)
    s.close()
    r.stop()
    m = re.search(r'seen (\d+) = written (\d+) \+ dropped (\d+)', r.said)
    seen, written, dropped = map(int, m.groups())
    if (seen, written) != (sent, r.found()) or seen != written + dropped or \
            (dropped > 0) != (r.status == 2):
        wrong.append((blocks, sent, m.group(0), r.found(), r.status))
ok(not wrong, 'the account of a full disk is what a reader finds', wrong)

for _ in range(4):      # a recorder that is held up writes later
    r = Recorder()
    s = r.connect()
    t0, sent = time.time(), 0
    while time.time() - t0 < 2.5:
        s.sendall(head('GET /n'))
        s.recv(999)
        sent += 1
        if time.time() - t0 < 1.2:
            before = sent
        time.sleep(.002)
    r.stop(signal.SIGKILL)
    subprocess.run([LOCKSTEP, 'trace', 'repair', r.path],
                   stdout=subprocess.PIPE)
    if before <= r.found() <= sent:
        break
ok(before <= r.found() <= sent, 'kill -9 costs the last second at most',
   (before, r.found(), sent))

print('1..%d' % count)
sys.exit(bad != 0)
