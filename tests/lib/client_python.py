"""What Python's own clients, or one from PyPI, get of a service; prints it.
usage: client_python.py std|httpx|aiohttp|openai|anthropic URL"""
import asyncio, http.client, sys, urllib.error, urllib.request

kind, url = sys.argv[1:3]
PATHS = ('/', '/gzip', '/nothing', '/same', '/move', '/close', '/error',
         '/stream', '/after')
BODY = bytes(range(256)) * 400


def std():
    c = http.client.HTTPConnection(url[7:], timeout=20)
    for path in PATHS:
        for method in ('GET', 'HEAD'):
            c.request(method, path)
            r = c.getresponse()
            print(method, path, r.status, r.getheader('Content-Type'), r.read())
    c.request('POST', '/echo', body=BODY)
    print(c.getresponse().read() == BODY)
    c.request('POST', '/echo', body=iter([b'a', b'bc']), encode_chunked=True,
              headers={'Transfer-Encoding': 'chunked'})
    print(c.getresponse().read())
    for path in ('/', '/move', '/error'):
        try:
            with urllib.request.urlopen(url + path, timeout=20) as r:
                print(path, r.status, r.read())
        except urllib.error.HTTPError as e:
            print(path, e.code, e.read())
    print(urllib.request.urlopen(url + '/e', data=BODY).read() == BODY)


def httpx_client():
    import httpx
    with httpx.Client(base_url=url, follow_redirects=True) as c:
        for path in PATHS:
            for method in ('GET', 'HEAD'):
                r = c.request(method, path)
                print(method, path, r.status_code, r.text)
        with c.stream('GET', '/stream') as r:
            print([x for x in r.iter_text()])
        print(c.post('/e', content=BODY).content == BODY)
        print(c.post('/e', content=iter([b'a', b'bc'])).content)


async def aiohttp_client():
    import aiohttp
    async with aiohttp.ClientSession(url) as s:
        for path in PATHS:
            for method in ('GET', 'HEAD'):
                async with s.request(method, path) as r:
                    print(method, path, r.status, await r.read())
        async with s.post('/e', data=BODY) as r:
            print(await r.read() == BODY)
        many = await asyncio.gather(*[s.get('/%d' % i) for i in range(50)])
        print([r.status for r in many])
        for r in many:
            r.release()


def openai_client():
    import openai
    c = openai.OpenAI(base_url=url + '/v1', api_key='sk-hush', max_retries=0)
    ask = dict(model='m', messages=[{'role': 'user', 'content': 'How long?'}])
    print(c.chat.completions.create(**ask).choices[0].message.content)
    print(''.join(x.choices[0].delta.content for x in
                  c.chat.completions.create(stream=True, **ask)))
    stream = c.chat.completions.create(stream=True, **ask)
    print(next(iter(stream)).choices[0].delta.content)
    stream.close()
    print(c.chat.completions.create(**ask).usage.total_tokens)


def anthropic_client():
    import anthropic
    c = anthropic.Anthropic(base_url=url, api_key='sk-hush', max_retries=0)
    ask = dict(model='m', max_tokens=9,
               messages=[{'role': 'user', 'content': 'How long?'}])
    print(c.messages.create(**ask).content[0].text)
    with c.messages.stream(**ask) as s:
        print(''.join(s.text_stream), s.get_final_message().stop_reason)


if kind == 'aiohttp':
    asyncio.run(aiohttp_client())
else:
    {'std': std, 'httpx': httpx_client, 'openai': openai_client,
     'anthropic': anthropic_client}[kind]()
