"""Sends POSTs on a schedule to two ports in turn and prints "p50 p99 p50 p99
NOT_ANSWERED_A NOT_ANSWERED_B LATE": milliseconds from the intended start, and
the p99 of how late they were sent.
usage: bench_record_load.py PORT_A PORT_B RATE EXCHANGES [QUESTIONS [WRITES]]
Blocks of a second alternate between the ports, so that both see the same
machine; EXCHANGES go to the second. QUESTIONS: a file of one a line, asked in
turn, by both in the same order; else one question is asked each time. One
request in WRITES is no question but a write, POST /effects; writes are
answered and counted as all are, and their times are not."""
import json, selectors, socket, sys, time

a, b, rate, n = map(int, sys.argv[1:5])
asks = ['How long are backups kept?']
if len(sys.argv) > 5:
    asks = open(sys.argv[5], encoding='utf-8').read().split('\n')[:-1]
writes = int(sys.argv[6]) if len(sys.argv) > 6 else 0


def post(path, body, head=b''):
    return (b'POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json'
            b'\r\n%sContent-Length: %d\r\n\r\n' % (path, head, len(body))
            ) + body


QUERY = [post(b'/query', json.dumps({'question': q, 'k': 3,
                                     'seed': 1}).encode()) for q in asks]


class Pool:
    """Connections to a port, one request on each at a time."""

    def __init__(self, port, sel):
        self.port, self.sel, self.free = port, sel, []
        self.late, self.bad, self.n = [], 0, 0

    def request(self):
        """Number n of this port: its bytes, and whether it is a write."""
        self.n += 1
        if writes and self.n % writes == 0:
            return post(b'/effects', b'{"order":%d}' % self.n,
                        b'Idempotency-Key: %d-%d\r\n'
                        % (self.port, self.n)), True
        return QUERY[self.n % len(QUERY)], False

    def send(self, due):
        s = None
        while self.free and s is None:
            s = self.free.pop()
            s = None if s.fileno() < 0 else s
        if s is None:
            s = socket.create_connection(('127.0.0.1', self.port))
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            s.setblocking(False)
            self.sel.register(s, selectors.EVENT_READ, [self, 0, b'', 0])
        what, is_write = self.request()
        self.sel.get_key(s).data[1:] = [due, b'', is_write]
        s.send(what)

    def read(self, key):
        s, data = key.fileobj, key.data
        try:
            more = s.recv(65536)
        except BlockingIOError:
            return 0
        except OSError:
            more = b''
        data[2] += more
        end = data[2].find(b'\r\n\r\n')
        if more and end >= 0:
            low = data[2][:end].lower()
            at = low.find(b'content-length:')
            length = int(low[at + 15:].split(b'\r\n')[0])
            if len(data[2]) < end + 4 + length:
                return 0
        elif more:
            return 0
        now = time.monotonic()
        if more and data[2].startswith(b'HTTP/1.1 200'):
            if not data[3]:
                self.late.append((now - data[1]) * 1000)
            self.free.append(s)
            data[1:] = [None, b'', 0]
        else:
            idle = data[1] is None and not more
            self.bad += not idle    # else nginx closed what it kept
            self.sel.unregister(s)
            s.close()
            return not idle
        return 1


sel = selectors.EpollSelector()
pools = [Pool(a, sel), Pool(b, sel)]
# warm both up
sent = done = 0
behind = []
start = time.monotonic() + .2
total = 2 * n
while done < total:
    now = time.monotonic()
    due = start + sent / rate
    while sent < total and due <= now:
        behind.append((now - due) * 1000)
        pools[int((due - start)) % 2].send(due)
        sent += 1
        due = start + sent / rate
    wait = max(0, due - time.monotonic()) if sent < total else 30
    events = sel.select(wait)
    if not events and sent == total:
        break
    for key, _ in events:
        done += key.data[0].read(key)


def at(v, p):
    v = sorted(v[len(v) // 20:])
    return v[min(len(v) - 1, int(len(v) * p))] if v else float('nan')


print('%.2f %.2f %.2f %.2f %d %d %.2f' % (
    at(pools[0].late, .5), at(pools[0].late, .99), at(pools[1].late, .5),
    at(pools[1].late, .99), pools[0].bad, pools[1].bad + total - done,
    at(behind, .99)))
