# The cases of proxy_conform.py; read by it.

CHUNKED = b'Transfer-Encoding: chunked'

# ---- requests that are taken -----------------------------------------------
taken = [('method ' + m.decode(), req(m + b' /m HTTP/1.1'))
         for m in (b'GET', b'POST', b'PUT', b'PATCH', b'DELETE', b'OPTIONS',
                   b'PROPFIND', b'QUERY', b'get', b"M!#$%&'*+-.^_`|~1")]
taken += [('target ' + repr(t)[2:-1], req(b'GET ' + t + b' HTTP/1.1'))
          for t in (b'/', b'/?', b'//a//b/', b'/a/../b/./c', b'/%2F%2f%41',
                    b'/a?b=c&d=e+f&&', b'/caf\xe9?q=\xe9t\xe9', b'/\xff\xfe',
                    b'/a#frag', b'/"<>\\^`{|}', b"/:@!$&'()*+,;=", b'/' +
                    b'x' * 8000, b'/?q=' + b'y' * 30000)]
taken += [('absolute-form ' + t.decode(),
           req(m + b' ' + t + b' HTTP/1.1'))
          for m, t in ((b'GET', b'http://h/p?q'), (b'GET', b'http://h:1'),
                       (b'GET', b'HTTP://h?q'), (b'GET', b'https://[::1]/x'),
                       (b'OPTIONS', b'http://h'))]
taken += [('OPTIONS *', req(b'OPTIONS * HTTP/1.1'))]
taken += [('header ' + repr(h)[2:-1][:40], req(b'GET /h HTTP/1.1', h))
          for h in (b'X-Empty:', b'X-Empty: ', b'x-lower: Mixed CASE',
                    b'X-Tab: a\tb', b'X-Pad:   a  b   ', b'X-NoBlank:a',
                    b'X-Latin: caf\xe9', b'X-Utf8: caf\xc3\xa9',
                    b'X-Long: ' + b'v' * 60000, b'X-Quoted: "a\\"b"',
                    b'X-Colon: a:b:c', b"!#$%&'*+-.^_`|~0: tokens",
                    b'Date: Mon, 01 Jan 2024 00:00:00 GMT',
                    b'Accept-Encoding: gzip, br, zstd', b'Range: bytes=0-1',
                    b'If-None-Match: "x", W/"y"', b'Expect: other',
                    b'Via: 1.1 someone', b'X-Forwarded-For: 1.2.3.4',
                    b'Forwarded: for=1.2.3.4', b'Max-Forwards: 3',
                    b'Content-Type: text/plain', b'User-Agent:',
                    b'Trailer: X-T', b'Content-Encoding: gzip')]
taken += [
    ('headers twice, in their order', req(
        b'GET /h HTTP/1.1', b'X-B: 1', b'X-A: 2', b'x-b: 3', b'X-B: 1')),
    ('900 headers', req(b'GET /h HTTP/1.1',
                        *[b'X-%d: %d' % (i, i) for i in range(900)])),
    ('Host somewhere in the middle', b'GET / HTTP/1.1\r\nX-A: 1\r\nhOsT: ' +
     HOST[6:] + b'X-B: 2\r\n\r\n'),
    ('an empty Host', req(b'GET / HTTP/1.1', host=b'Host:\r\n')),
    ('hop-by-hop headers', req(
        b'GET /h HTTP/1.1', b'Connection: keep-alive, X-Hop,, x-two',
        b'X-Hop: 1', b'X-TWO: 2', b'X-End: 3', b'Keep-Alive: timeout=5',
        b'Proxy-Connection: keep-alive', b'Proxy-Authorization: Basic eA==')),
    ('Connection names what frames', req(
        b'POST /h HTTP/1.1', b'Connection: Content-Length, Host',
        b'Content-Length: 2', body=b'hi')),
    ('TE: trailers', req(b'GET /h HTTP/1.1', b'TE: trailers, deflate;q=0.5',
                         b'Connection: TE')),
    ('h2c is not passed on', req(
        b'GET /h HTTP/1.1', b'Connection: Upgrade, HTTP2-Settings',
        b'Upgrade: h2c', b'HTTP2-Settings: AAA')),
    ('an empty line before it', b'\r\n' + req(b'GET / HTTP/1.1')),
    ('HTTP/1.0', b'GET /old HTTP/1.0\r\n' + HOST + b'\r\n'),
    ('HTTP/1.0 without Host', b'GET /old HTTP/1.0\r\nX: 1\r\n\r\n'),
    ('HTTP/1.0 keep-alive', b'GET /old HTTP/1.0\r\n' + HOST +
     b'Connection: keep-alive\r\n\r\n'),
    ('HTTP/1.0 with Expect', b'POST /old HTTP/1.0\r\n' + HOST +
     b'Expect: 100-continue\r\nContent-Length: 2\r\n\r\nhi'),
    ('HTTP/1.2', req(b'GET / HTTP/1.2')),
    ('Connection: close', req(b'GET / HTTP/1.1', b'Connection: close')),
    ('Content-Length: 0', req(b'POST / HTTP/1.1', b'Content-Length: 0')),
    ('Content-Length: 00002', req(b'POST / HTTP/1.1', b'Content-Length: 00002',
                                  body=b'hi')),
    ('a body of all bytes', req(b'PUT / HTTP/1.1', b'Content-Length: 256',
                                body=bytes(range(256)))),
    ('a body that looks like a request', req(
        b'POST / HTTP/1.1', b'Content-Length: 20',
        body=b'GET /x HTTP/1.1\r\n\r\n\0')),
    ('a body of 300 KB', req(b'PUT / HTTP/1.1', b'Content-Length: 300000',
                             body=random.Random(1).randbytes(300000))),
    ('a GET with a body', req(b'GET / HTTP/1.1', b'Content-Length: 2',
                              body=b'{}')),
    ('a DELETE with a body', req(b'DELETE / HTTP/1.1', b'Content-Length: 2',
                                 body=b'{}')),
]
taken += [('chunked ' + w, req(b'POST /c HTTP/1.1', CHUNKED, body=b))
          for w, b in (
    ('empty', b'0\r\n\r\n'), ('one', b'5\r\nhello\r\n0\r\n\r\n'),
    ('two', b'1\r\na\r\n2\r\nbc\r\n0\r\n\r\n'),
    ('capitals and zeros', b'00A\r\n0123456789\r\n000\r\n\r\n'),
    ('extensions', b'2;a;b=c;d="e f"\r\nhi\r\n0;last\r\n\r\n'),
    ('with trailers', b'2\r\nhi\r\n0\r\nX-T: 1\r\nX-Empty:\r\n\r\n'),
    ('of one byte each', b''.join(b'1\r\nx\r\n' for _ in range(2000)) +
     b'0\r\n\r\n'),
    ('large', b'20000\r\n' + b'z' * 0x20000 + b'\r\n0\r\n\r\n'))]
taken += [('Transfer-Encoding: ' + repr(v)[2:-1],
           req(b'POST /c HTTP/1.1', b'Transfer-Encoding:' + v,
               body=b'1\r\nx\r\n0\r\n\r\n'))
          for v in (b'chunked', b' CHUNKED', b'  chunked  ')]


def check_record(name, r, raw, through, answer, minor=1):
    """The trace's record of an exchange against its bytes."""
    q = r['request']
    line = through.split(b'\r\n', 1)[0].split(b' ')
    body = raw[raw.index(b'\r\n\r\n', 4) + 4:]
    lead = raw.lstrip(b'\r\n')
    head = lead.partition(b'\r\n\r\n')[0].lower()
    if b'transfer-encoding' in head:
        body = dechunked(body)
    elif b'content-length' not in head:
        body = None
    secret = (b'proxy-authorization',)
    want = [h for h in split_fields(lead) if h[0].lower() not in secret]
    problems = []
    if q['method'].encode() != line[0]:
        problems.append(('method', q['method']))
    if text_of(q, 'target') != line[1]:
        problems.append(('target', text_of(q, 'target'), line[1]))
    if headers_of(q) != want:
        problems.append(('headers', headers_of(q), want))
    if text_of(q, 'body') != body:
        problems.append(('body', text_of(q, 'body'), body))
    return problems


p, port, path = start()
results = []
for name, raw in taken:
    service.answer, service.got = [OK], b''
    minor = 0 if b'HTTP/1.0' in raw.lstrip(b'\r\n').split(b'\r\n')[0] else 1
    head = raw.lstrip(b'\r\n').partition(b'\r\n\r\n')[0].lower()
    keep = (b'connection: keep-alive\r\n' in head + b'\r\n') if minor == 0 \
        else b'connection: close' not in head
    want = answer_through(OK, keep, minor)
    direct = talk(service.port, raw, len(OK))[0] if minor == 1 else OK
    seen, service.got = service.got, b''
    got, closed = talk(port, raw, len(want) if keep else None)
    through = request_through(raw.lstrip(b'\r\n'))
    results.append((name, raw, through))
    ok(service.got == through and got == want and closed == (not keep) and
       direct == OK and (minor == 0 or seen == raw), 'taken: ' + name,
       'service got %r\nnot         %r\nclient got %r\nnot        %r\n'
       'closed %s, directly %r' % (service.got[:600], through[:600], got,
                                   want, closed, seen[:200]))
err, exchanges, _ = finish(p, path)
ok(len(exchanges) == len(taken), 'all %d are in the trace' % len(taken),
   len(exchanges))
problems = [(n, x) for (n, raw, through), r in zip(results, exchanges)
            if (x := check_record(n, r, raw, through, OK))]
ok(not problems, 'with their bytes', repr(problems)[:1500])
ok('seen %d = written %d + dropped 0\n' % (len(taken), len(taken)) in err,
   'and in the account', err)
trailers = [headers_of(r['request'], 'trailers') for r in exchanges]
ok([(b'X-T', b'1'), (b'X-Empty', b'')] in trailers, 'trailers, too')

# ---- requests that are refused ----------------------------------------------
G = b'GET / HTTP/1.1\r\n'
P = b'POST / HTTP/1.1\r\n'
X = b'Host: x\r\n'
refused = [(400, s) for s in (
    P + X + b'Content-Length: 3\r\nContent-Length: 44\r\n\r\nabc' + G + X,
    P + X + b'Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc',
    P + X + b'Content-Length: 3, 3\r\n\r\nabc',
    P + X + b'Content-Length: 3,\r\n\r\nabc' + G + X,
    P + X + b'Content-Length: ,3\r\n\r\nabc' + G + X,
    P + X + b'Content-Length: ,\r\n\r\n' + G + X,
    P + X + b'Content-Length: 3\r\ncontent-length: 3\r\n\r\nabc',
    P + X + b'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    P + X + b'Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n',
    P + X + b'Content-Length: 35\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n',
    P + X + b'Content-Length : 2\r\n\r\nhi',
    P + X + b'Content-Length\t: 2\r\n\r\nhi',
    P + X + b'Content-Length: -1\r\n\r\n', P + X + b'Content-Length: +2\r\n\r\nhi',
    P + X + b'Content-Length: 2 2\r\n\r\nhi', P + X + b'Content-Length: 2;\r\n\r\nhi',
    P + X + b'Content-Length: 0x2\r\n\r\nhi', P + X + b'Content-Length:\r\n\r\n',
    P + X + b'Content-Length: 9223372036854775808\r\n\r\n',
    P + X + b'Content-Length: 18446744073709551618\r\n\r\nhi',
    P + X + b'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    P + X + b'Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n',
    P + X + b'Transfer-Encoding: ,chunked\r\n\r\n0\r\n\r\n',
    P + X + b'Transfer-Encoding: chunked,\r\n\r\n0\r\n\r\n',
    P + X + b'Transfer-Encoding: , ,chunked\r\n\r\n0\r\n\r\n',
    P + X + b'Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n',
    P + X + b'Transfer-Encoding:\r\n\r\n',
    P + X + b'Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n',
    b'POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    G + X + b'X-A: one\r\n two\r\n\r\n', G + b' Host: x\r\n\r\n',
    G + X + b'\x0bTransfer-Encoding: chunked\r\n\r\n',
    G + X + b'\x00A: b\r\n\r\n', G + X + b'A\x00: b\r\n\r\n',
    G + X + b'A B: c\r\n\r\n', G + X + b'A(B): c\r\n\r\n',
    G + X + b'caf\xe9: c\r\n\r\n', G + X + b'@/etc/passwd: c\r\n\r\n',
    G + X + b'X;: c\r\n\r\n', G + X + b': c\r\n\r\n', G + X + b'garbage\r\n\r\n',
    G + X + b'X-A: b\rX-B: c\r\n\r\n', G + X + b'X-A: b\x00c\r\n\r\n',
    G + X + b'X-A: b\x0bc\r\n\r\n', G + X + b'X-A: b\x7f\r\n\r\n',
    G + X + b'X-A: b\r\r\n\r\n',
    b'GET / HTTP/1.1\nHost: x\n\n', G + b'Host: x\n\r\n', G + X + b'X: y\n\n',
    b'GET /a HTTP/1.1 b HTTP/1.1\r\n' + X + b'\r\n',
    b'GET  / HTTP/1.1\r\n' + X + b'\r\n', b'GET / HTTP/1.1 \r\n' + X + b'\r\n',
    b'GET /\x01 HTTP/1.1\r\n' + X + b'\r\n', b'GET /\t HTTP/1.1\r\n' + X + b'\r\n',
    b'GET /\x7f HTTP/1.1\r\n' + X + b'\r\n', b'GET /\x00 HTTP/1.1\r\n' + X + b'\r\n',
    b'GET\t/ HTTP/1.1\r\n' + X + b'\r\n', b' GET / HTTP/1.1\r\n' + X + b'\r\n',
    b'GET x HTTP/1.1\r\n' + X + b'\r\n', b'GET * HTTP/1.1\r\n' + X + b'\r\n',
    b'GET @evil/x HTTP/1.1\r\n' + X + b'\r\n',
    b'GET http://u:p@h/ HTTP/1.1\r\n' + X + b'\r\n',
    b'GET http:///x HTTP/1.1\r\n' + X + b'\r\n',
    b'GET file:///x HTTP/1.1\r\n' + X + b'\r\n',
    b'GET /\r\n\r\n', b'GET\r\n\r\n', b'G@T / HTTP/1.1\r\n' + X + b'\r\n',
    b'GET / http/1.1\r\n' + X + b'\r\n', b'GET / HTTP/1\r\n' + X + b'\r\n',
    b'GET / HTTP/1.1.1\r\n' + X + b'\r\n', b'GET / XTTP/1.1\r\n' + X + b'\r\n',
    G + b'\r\n', G + b'Host: a\r\nHost: b\r\n\r\n', G + b'Host: a\r\nHost: a\r\n\r\n',
    G + b'Host: a b\r\n\r\n', G + b'Host: a/b\r\n\r\n', G + b'Host: u@h\r\n\r\n',
    G + b'Host: a, b\r\n\r\n',
    G + X + b'Connection: ' + b'x,' * 60000 + b'\r\n\r\n', b'\x16\x03\x01\x02\x00\x01\x00\r\n\r\n')]
C = P + X + CHUNKED + b'\r\n\r\n'
refused += [(400, C + s) for s in (
    b'ffffffffffffffff\r\nhello', b'10000000000000005\r\nhello\r\n0\r\n\r\n',
    b'-5\r\nhello\r\n0\r\n\r\n', b'0x5\r\nhello\r\n0\r\n\r\n', b'\r\n', b' 5\r\nhello',
    b'5 \r\nhello\r\n0\r\n\r\n', b'5\nhello\r\n0\r\n\r\n', b'5\r\nhelloX\r\n0\r\n\r\n',
    b'5\r\nhello\n0\r\n\r\n', b'5;a\x01\r\nhello\r\n0\r\n\r\n', b'g\r\n', b'5\r\rhello',
    b'0\r\nX : 1\r\n\r\n', b'0\r\n X: 1\r\n\r\n', b'0\r\nContent-Length: 5\r\n\r\n',
    b'0\r\nX: \x00\r\n\r\n', b'0\r\n\n')]
refused += [(501, s) for s in (
    P + X + b'Transfer-Encoding: xchunked\r\n\r\n',
    P + X + b'Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
    P + X + b'Transfer-Encoding: identity\r\n\r\n',
    P + X + b'Transfer-Encoding: "chunked"\r\n\r\n',
    b'CONNECT h:1 HTTP/1.1\r\n' + X + b'\r\n', b'TRACE / HTTP/1.1\r\n' + X + b'\r\n',
    b'M' * 100 + b' / HTTP/1.1\r\n' + X + b'\r\n')]
refused += [(505, s) for s in (
    b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', b'GET / HTTP/3.7\r\n' + X + b'\r\n',
    b'GET / HTTP/0.9\r\n' + X + b'\r\n')]
refused += [
    (414, b'GET /' + b'x' * 40000 + b' HTTP/1.1\r\n' + X + b'\r\n'),
    (414, b'x' * 40000),
    (431, G + X + b''.join(b'X-%d: y\r\n' % i for i in range(1200)) + b'\r\n'),
    (431, G + X + b'X: ' + b'y' * 140000 + b'\r\n\r\n'),
    (413, P + X + b'Content-Length: 2000000\r\n\r\n'),
    (413, C + b'f4241\r\n' + b'z' * 0xf4241 + b'\r\n0\r\n\r\n')]
p, port, path = start('--max-body', '1000000')
for status, raw in refused:
    service.got, before = b'', service.requests
    got, closed = talk(port, raw)
    ok(got.startswith(b'HTTP/1.1 %d ' % status) and
       got.count(b'HTTP/1.1') == 1 and b'\r\nConnection: close\r\n' in got and
       closed and service.requests == before and
       (service.got == b'' or status == 413), 'refused %d: %s' %
       (status, repr(raw[-90:] if raw.startswith(P) or raw.startswith(G)
                     else raw[:60])[2:-1]), (got[:300], service.got[:300]))
err, exchanges, records = finish(p, path)
tail = records[-1]
ok(exchanges == [] and tail['seen'] == len(refused) ==
   sum(tail['refused'].values()), 'each of %d is counted with its reason' %
   len(refused), tail)
ok(all('%s %d' % x in err for x in tail['refused'].items()) and
   'refused %d (' % len(refused) in err, 'at the end, too', err)

# ---- answers ----------------------------------------------------------------
CL = b'Content-Length: 2\r\n\r\nok'


def answer(name, raw, keep=True, request=None, minor=1, dechunk=None,
           before=b'', content=b'ok', head=False):
    """raw: pieces of the service"""
    pieces = raw if isinstance(raw, list) else [raw]
    whole_raw = b''.join(x for x in pieces if isinstance(x, bytes))
    answers.append((name, pieces, before + answer_through(
        whole_raw[len(before):], keep, minor, dechunk), keep,
        request or req(b'HEAD / HTTP/1.1' if head else b'GET / HTTP/1.1'),
        whole_raw[len(before):], content))


answers = []
S = b'HTTP/1.1 200 OK\r\n'
for s in (200, 201, 202, 203, 205, 206, 299, 300, 301, 302, 307, 308, 400, 401,
          404, 407, 409, 413, 418, 422, 429, 451, 500, 502, 503, 504, 599, 999):
    answer('status %d' % s, b'HTTP/1.1 %d Some Reason\r\n' % s + CL)
for r in (b'', b'OK', b'O\tK', b'OK, b\xe9 it \xff', b'  two', b'a' * 500):
    answer('reason %r' % r[:12], b'HTTP/1.1 200 ' + r + b'\r\n' + CL)
answer('no reason and no blank', b'HTTP/1.1 200\r\n' + CL)
for h in (b'X-Empty:', b'X-Empty: ', b'x-lower: Mixed', b'X-Tab: a\tb',
          b'X-Pad:   a  b  ', b'X-NoBlank:a', b'X-Latin: caf\xe9',
          b'X-Utf8: caf\xc3\xa9', b'X-Long: ' + b'v' * 100000,
          b'X-Ctl: a\x01b', b"!#$%&'*+-.^_`|~0: tokens", b'Server: me',
          b'Date: Mon, 01 Jan 2024 00:00:00 GMT', b'Location: /x?y',
          b'Content-Type: text/event-stream', b'Content-Encoding: gzip',
          b'Vary: *', b'Via: 1.0 fred', b'Trailer: X-T', b'ETag: W/"x"',
          b'Content-Range: bytes 0-1/9', b'Alt-Svc: h2=":443"',
          b'X-Space : odd', b'X-Fold: one\r\n two\r\n\tthree',
          b'X-Colon: a:b', b'X-Quoted: "a\\"b"', b'Retry-After: 3',
          b'Age: 0', b'Accept-Ranges: bytes',
          b'Content-Length: 2', b'Upgrade: h2c',
          b'Keep-Alive: timeout=5', b'Proxy-Authenticate: Basic',
          b'Connection: X-Hop\r\nX-Hop: 1\r\nX-End: 2',
          b'X-B: 1\r\nX-A: 2\r\nx-b: 3\r\nX-B: 1'):
    answer('header ' + repr(h)[2:-1][:40], S + h + b'\r\n' + CL)
answer('2000 headers', S + b''.join(b'X-%d: %d\r\n' % (i, i)
                                    for i in range(2000)) + CL)
for name, b, c in (
        ('empty', b'0\r\n\r\n', b''), ('one', b'2\r\nok\r\n0\r\n\r\n', b'ok'),
        ('two', b'1\r\no\r\n1\r\nk\r\n0\r\n\r\n', b'ok'),
        ('capitals and zeros', b'00A\r\n0123456789\r\n000\r\n\r\n',
         b'0123456789'),
        ('extensions', b'2;a="b";c\r\nok\r\n0;x\r\n\r\n', b'ok'),
        ('padded size', b'2  \r\nok\r\n0\r\n\r\n', b'ok'),
        ('lone LFs', b'2\nok\n0\n\n', b'ok'),
        ('trailers', b'2\r\nok\r\n0\r\nX-T: 1\r\nX-E:\r\n\r\n', b'ok'),
        ('a trailer that frames', b'2\r\nok\r\n0\r\nContent-Length: 9\r\n\r\n',
         b'ok'),
        ('one byte each', b'1\r\nx\r\n' * 3000 + b'0\r\n\r\n', b'x' * 3000),
        ('large', b'20000\r\n' + b'z' * 0x20000 + b'\r\n0\r\n\r\n',
         b'z' * 0x20000)):
    answer('chunked ' + name, S + CHUNKED + b'\r\n\r\n' + b, content=c)
    if name in ('one', 'two', 'trailers', 'one byte each'):
        answer('chunked %s, to HTTP/1.0' % name, S + CHUNKED + b'\r\n\r\n' + b,
               keep=False, minor=0, dechunk=c, content=c,
               request=b'GET / HTTP/1.0\r\n' + HOST + b'\r\n')
answer('CHUNKED in capitals', S + b'Transfer-Encoding: CHUNKED\r\n\r\n'
       b'2\r\nok\r\n0\r\n\r\n')
answer('gzip, chunked', S + b'Transfer-Encoding: gzip, chunked\r\n\r\n'
       b'2\r\nok\r\n0\r\n\r\n')
answer('Transfer-Encoding over Content-Length', S + b'Content-Length: 99\r\n' +
       CHUNKED + b'\r\n\r\n2\r\nok\r\n0\r\n\r\n')
answer('Content-Length: 2, 2', S + b'Content-Length: 2, 2\r\n\r\nok')
answer('Content-Length twice alike', S + b'Content-Length: 2\r\n' + CL)
answer('Content-Length: 0', S + b'Content-Length: 0\r\n\r\n', content=b'')
answer('300 KB by length', S + b'Content-Length: 300000\r\n\r\n' + b'q' *
       300000, content=b'q' * 300000)
answer('ended by close', [S + b'X: 1\r\n\r\nok', 'close'], keep=False)
answer('ended by close, empty', [S + b'X: 1\r\n\r\n', 'close'], keep=False,
       content=b'')
answer('Transfer-Encoding: gzip, ended by close',
       [S + b'Transfer-Encoding: gzip\r\n\r\nok', 'close'], keep=False)
answer('HTTP/1.0', [b'HTTP/1.0 200 OK\r\n' + CL, 'close'])
answer('HTTP/1.0 with LFs', [b'HTTP/1.0 200 OK\nContent-Length: 2\n\nok',
                             'close'])
answer('HTTP/1.0 to the end', [b'HTTP/1.0 200 OK\r\n\r\nok', 'close'],
       keep=False)
answer('Connection: close', [S + b'Connection: close\r\n' + CL, 'close'])
for s in (204, 304):
    answer('%d' % s, b'HTTP/1.1 %d X\r\nETag: "x"\r\n\r\n' % s, content=None)
    answer('%d with a length' % s, b'HTTP/1.1 %d X\r\nContent-Length: 1234\r\n\r\n'
           % s, content=None)
answer('304 with chunked', b'HTTP/1.1 304 X\r\n' + CHUNKED + b'\r\n\r\n',
       content=None)
for n, h in (('a length', b'Content-Length: 12345'), ('chunked', CHUNKED),
             ('length 0', b'Content-Length: 0'), ('no length', b'X: 1'),
             ('both', b'X: 1\r\nContent-Type: a/b')):
    answer('HEAD with ' + n, S + h + b'\r\n\r\n', head=True, content=None)
for s in (100, 102, 103):
    early = b'HTTP/1.1 %d Early\r\nLink: </a>\r\n\r\n' % s
    answer('%d first' % s, early + S + CL, before=early)
    answer('%d twice' % s, [early, 'wait', early + S + CL],
           before=early + early)
early = b'HTTP/1.1 103 E\r\n\r\n'
answer('103 to HTTP/1.0', [S + CL], keep=False, minor=0,
       request=b'GET / HTTP/1.0\r\n' + HOST + b'\r\n')
for name, cut in (('in its first line', 5), ('in its headers', 25),
                  ('before its body', 38), ('in its body', 39)):
    answer('in pieces, cut ' + name, [(S + CL)[:cut], 'wait', (S + CL)[cut:]])
answer('byte by byte', [bytes([c]) for c in S + CL])

p, port, path = start()
for name, pieces, want, keep, request, raw, content in answers:
    service.answer = pieces
    direct = talk(service.port, request, len(b''.join(
        x for x in pieces if isinstance(x, bytes))))[0]
    got, closed = talk(port, request, len(want) if keep else None)
    ok(got == want and closed == (not keep) and direct.endswith(raw),
       'answer: ' + name, 'client got %r\nnot        %r\nclosed %s' %
       (got[:700], want[:700], closed))
err, exchanges, _ = finish(p, path)
ok(len(exchanges) == len(answers), 'all %d are in the trace' % len(answers),
   len(exchanges))
problems = []
for (name, pieces, want, keep, request, raw, content), r in zip(answers,
                                                                exchanges):
    a, lines = r['response'], raw if b'\r\n' in raw else \
        raw.replace(b'\n', b'\r\n')
    status = int(raw.split(b' ')[1][:3])
    kept = [h for h in split_fields(lines)
            if h[0].lower() != b'proxy-authenticate']
    if a['status'] != status or headers_of(a) != kept or \
            text_of(a, 'body') != content:
        problems.append((name, a['status'], headers_of(a)[:9],
                         text_of(a, 'body'), content))
ok(not problems, 'with their bytes', repr(problems)[:1500])
ok([(b'X-T', b'1'), (b'X-E', b'')] in
   [headers_of(r['response'], 'trailers') for r in exchanges],
   'trailers, too')

# ---- answers that are none ---------------------------------------------------
p, port, path = start()
none = [('protocol', x) for x in (
    [b'220 ftp\r\n\r\n'], [b'\x15\x03\x01\0\2', 'close'],
    [b'no head\n', 'close'], [b'HTTP/2 200 OK\r\n\r\n'], [b'HTTP/1.1 2000 X\r\n\r\n'],
    [b'HTTP/1.1 abc\r\n\r\n'], [S + b'Content-Length: x\r\n\r\n'],
    [S + b'Content-Length: 2\r\nContent-Length: 3\r\n\r\nok'],
    [S + b'Content-Length: -1\r\n\r\n'], [S + b'a b: c\r\n' + CL],
    [S + b'X: a\x00b\r\n' + CL], [S + b'X: a\rb\r\n' + CL],
    [S + b'Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n'],
    [b'HTTP/1.1 101 X\r\nUpgrade: y\r\n\r\n'], [b' ' + S + CL])]
none += [('reset', x) for x in (['close'], ['reset'], [S[:9], 'close'],
                                [S + b'X: 1\r\n', 'close'])]
none += [('too_large', [S + b'X: ' + b'y' * 300000])]
for outcome, pieces in none:
    service.answer = pieces
    got, closed = talk(port, req(b'GET / HTTP/1.1'), 50)
    ok(got.startswith(b'HTTP/1.1 502 ') and not closed, 'no answer: %s' %
       repr(pieces)[:60], got)
err, exchanges, _ = finish(p, path)
ok([r['outcome'] for r in exchanges] == [o for o, _ in none],
   'and how it failed is in the trace', [(r['outcome'], r.get('why'))
                                         for r in exchanges])

# ---- answers that break off ---------------------------------------------------
p, port, path = start()
broken = [('reset', S + b'Content-Length: 9\r\n\r\nhalf', 'close', b'half'),
          ('reset', S + b'Content-Length: 9\r\n\r\nhalf', 'reset', b'half'),
          ('reset', S + CHUNKED + b'\r\n\r\n4\r\nhalf\r\n', 'close', b'half'),
          ('reset', S + CHUNKED + b'\r\n\r\n9\r\nhalf', 'close', b'half'),
          ('protocol', S + CHUNKED + b'\r\n\r\n4\r\nhalf\r\nxyz\r\n', 'wait',
           b'half')]
for outcome, raw, how, content in broken:
    service.answer = [raw, 'wait', how]
    got, closed = talk(port, req(b'GET / HTTP/1.1'))
    cut = raw[:-5] if outcome == 'protocol' else raw
    ok(got == cut and closed, 'broken off, %s: %r' % (how, raw[-20:]), got)
err, exchanges, _ = finish(p, path)
ok([(r['outcome'], text_of(r['response'], 'body')) for r in exchanges] ==
   [(o, c) for o, _, _, c in broken], 'is in the trace with what came',
   [(r['outcome'], r.get('why'), r['response']) for r in exchanges])

# ---- talks --------------------------------------------------------------------
p, port, path = start()


def connect():
    s = socket.create_connection(('127.0.0.1', port))
    s.settimeout(60)
    return s


def read(s, n):
    out = b''
    while len(out) < n:
        more = s.recv(n - len(out))
        if not more:
            break
        out += more
    return out


service.answer, service.got = [OK], b''
pipe = req(b'GET /1 HTTP/1.1') + req(b'POST /2 HTTP/1.1', b'Content-Length: 2',
                                     body=b'hi') + \
    req(b'POST /3 HTTP/1.1', CHUNKED, body=b'1\r\nx\r\n0\r\n\r\n') + \
    req(b'GET /4 HTTP/1.1')
got, closed = talk(port, pipe, 4 * len(OK))
ok(got == 4 * OK and service.got == pipe and not closed,
   'four requests in one piece', (got, service.got))
service.got = b''
got, closed = talk(port, pipe, half=True)
ok(got == 4 * OK and service.got == pipe and closed,
   'and from a client that is half closed', (got, service.got))
service.answer = ['wait', 'wait', OK]
got, closed = talk(port, req(b'GET /half HTTP/1.1'), half=True)
ok(got == OK and closed, 'a half-closed client gets its answer', got)

service.answer, service.got = [OK], b''
s, slow = connect(), req(b'POST /slow HTTP/1.1', CHUNKED,
                         body=b'3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n')
for c in slow:
    s.sendall(bytes([c]))
ok(read(s, len(OK)) == OK and service.got == slow, 'byte by byte',
   service.got)
s.close()


class Expecting(Service):
    def serve(self, c):
        while b'\r\n\r\n' not in self.got:
            self.got += c.recv(65536)
        for piece in self.answer:
            c.sendall(piece)
            if b' 100 ' in piece:
                self.got += c.recv(65536)
        c.close()
        self.closed.set()


plain, service = service, Expecting()
HOST = b'Host: 127.0.0.1:%d\r\n' % service.port
q, port, path2 = start()
want = req(b'POST /e HTTP/1.1', b'Expect: 100-continue', b'Content-Length: 2')
GO = b'HTTP/1.1 100 Continue\r\n\r\n'
service.answer = [GO, OK]
s = connect()
s.sendall(want)
first = read(s, len(GO))
s.sendall(b'hi')
ok(first == GO and read(s, len(OK)) == OK and service.got == want + b'hi',
   'Expect: 100-continue is the service\'s to answer', (first, service.got))
s.close()
service.closed.wait(60)     # its end of the connection
service.answer, service.got = [b'HTTP/1.1 417 No\r\n' + CL], b''
got, closed = talk(port, want)
ok(got == b'HTTP/1.1 417 No\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok'
   and closed and service.got == want, 'and to refuse', (got, service.got))
_, exchanges, _ = finish(q, path2)
ok([(r['response']['status'], r['request']['body']) for r in exchanges] ==
   [(200, 'hi'), (417, '')], 'both are in the trace', exchanges)
service, HOST = plain, b'Host: 127.0.0.1:%d\r\n' % plain.port
port = int(re.search(r':(\d+)', HOST.decode()).group(1))

_, exchanges, _ = finish(p, path)
ok([r['request']['target'] for r in exchanges] ==
   ['/1', '/2', '/3', '/4'] * 2 + ['/half', '/slow'],
   'each request is in the trace, once', exchanges)

# websockets and the like
p, port, path = start()
UP = b'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n' \
    b'Connection: Upgrade\r\n\r\n'
service.answer, service.got = [UP, 'echo', 'close'], b''
s = connect()
ask = req(b'GET /ws HTTP/1.1', b'Sec-WebSocket-Key: k', b'Upgrade: websocket',
          b'Connection: Upgrade')
s.sendall(ask)
head = read(s, len(UP))
frame = b'\x81\x05hello\0\xff'
s.sendall(frame)
ok(head == UP and read(s, 99) == frame and service.got == ask,
   'a websocket is passed through', (head, service.got))
s.close()
service.answer, service.got = [OK], b''
got, closed = talk(port, ask, len(OK))
ok(got == OK and service.got == ask, 'one that is not wanted is none', got)

# kept connections that die
service.answer = [OK]
talk(port, req(b'GET /warm HTTP/1.1'), len(OK))
before = service.requests
service.answer = ['close']
got, closed = talk(port, req(b'POST /charge HTTP/1.1', b'Content-Length: 1',
                             body=b'1'), 30)
ok(got.startswith(b'HTTP/1.1 502 ') and service.requests == before + 1,
   'a POST under which a kept connection dies is sent once', got)
service.answer = [OK, 'told']
talk(port, req(b'GET /warm HTTP/1.1'), len(OK))
service.closed.wait(60)
service.answer, before = [OK], service.requests
got, closed = talk(port, req(b'POST /again HTTP/1.1', b'Content-Length: 1',
                             body=b'1'), len(OK))
ok(got == OK and service.requests == before + 1,
   'one that was closed before is not used', got)
# what follows an answer belongs to nobody
service.answer = [OK + b'HTTP/1.1 200 Evil\r\nContent-Length: 4\r\n\r\nevil']
got, closed = talk(port, req(b'GET /split HTTP/1.1'), len(OK))
service.answer = [OK]
again, closed = talk(port, req(b'GET /after HTTP/1.1'), len(OK))
ok(got == OK and again == OK, 'bytes behind an answer are nobody\'s answer',
   (got, again))
s = connect()
s.sendall(req(b'POST /cut HTTP/1.1', b'Content-Length: 99', body=b'half'))
time.sleep(.05)
s.close()
s = connect()
s.sendall(b'GET /cut HTT')
s.close()
time.sleep(.3)
# who comes later is answered later: both were seen to leave
talk(port, req(b'GET /last HTTP/1.1'), len(OK))
err, exchanges, records = finish(p, path)
ok([(r['request']['target'], r['outcome'], r['response']['status'] if
     'response' in r else None) for r in exchanges] ==
   [('/ws', 'ok', 101), ('/ws', 'ok', 200), ('/warm', 'ok', 200),
    ('/charge', 'reset', None), ('/warm', 'ok', 200), ('/again', 'ok', 200),
    ('/split', 'ok', 200), ('/after', 'ok', 200), ('/last', 'ok', 200)],
   'all as it was',
   [(r['request']['target'], r['outcome'], r.get('why')) for r in exchanges])
ok(records[-1]['dropped'] == {'the client left within its request': 1} and
   records[-1]['refused'] == {'the client left within a head': 1},
   'clients that left are counted', records[-1])
