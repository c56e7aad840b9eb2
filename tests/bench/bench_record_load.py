"""Sends POSTs on a schedule to two ports in turn and prints "p50 p99 p50 p99
NOT_ANSWERED_A NOT_ANSWERED_B LATE": milliseconds from the intended start, and
the p99 of how late they were sent.
usage: bench_record_load.py PORT_A PORT_B RATE EXCHANGES
Blocks of a second alternate between the ports, so that both see the same
machine; EXCHANGES go to the second."""
import json, os, selectors, socket, sys, time

a, b, rate, n = map(int, sys.argv[1:5])
BODY = json.dumps({'question': 'How long are backups kept?', 'k': 3,
                   'seed': 1}).encode()
HEAD = (b'POST /query HTTP/1.1\r\nHost: x\r\nContent-Type: application/json'
        b'\r\nContent-Length: %d\r\n\r\n' % len(BODY)) + BODY


class Pool:
    """Connections to a port, one request on each at a time."""

    def __init__(self, port, sel):
        self.port, self.sel, self.free = port, sel, []
        self.late, self.bad = [], 0

    def send(self, due):
        s = None
        while self.free and s is None:
            s = self.free.pop()
            s = None if s.fileno() < 0 else s
        if s is None:
            s = socket.create_connection(('127.0.0.1', self.port))
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            s.setblocking(False)
            self.sel.register(s, selectors.EVENT_READ, [self, 0, b''])
        self.sel.get_key(s).data[1:] = [due, b'']
        s.send(HEAD)

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
            self.late.append((now - data[1]) * 1000)
            self.free.append(s)
            data[1:] = [None, b'']
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
