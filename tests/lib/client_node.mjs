// What Node's fetch gets of a service; prints it. usage: node client_node.mjs URL
const url = process.argv[2];
for (const path of ['/', '/gzip', '/nothing', '/same', '/move', '/close', '/error', '/after'])
	for (const method of ['GET', 'HEAD']) {
		const r = await fetch(url + path, { method });
		console.log(method, path, r.status, r.headers.get('content-type'), await r.text());
	}
const pieces = [];
for await (const p of (await fetch(url + '/stream')).body)
	pieces.push(Buffer.from(p).toString());
console.log(pieces.join(''));
const body = new Uint8Array(100000).map((_, i) => i);
const r = await fetch(url + '/e', { method: 'POST', body });
console.log(Buffer.compare(Buffer.from(await r.arrayBuffer()), Buffer.from(body)));
const up = new ReadableStream({ start(c) {
	c.enqueue(new TextEncoder().encode('a'));
	c.enqueue(new TextEncoder().encode('bc'));
	c.close();
} });
console.log(await (await fetch(url + '/e', { method: 'POST', body: up, duplex: 'half' })).text());
const many = await Promise.all([...Array(50).keys()].map(i => fetch(url + '/' + i)));
console.log(many.map(x => x.status).join(' '));
await Promise.all(many.map(x => x.text()));
