"""What others do with Kafka, by a client that is not ours, and users of a
recorded service.
usage: kafka_client.py produce BROKERS TOPIC N     N questions of another shape
       kafka_client.py consume BROKERS TOPIC       prints key, header, value
       kafka_client.py unpack FILE...              what a topic's files hold,
                                                   their zstd undone
       kafka_client.py ask URL FROM N PROGRESS     N requests, one connection;
                                                   PROGRESS: a file that says
                                                   how many are answered"""
import http.client, json, sys, time, urllib.parse


def produce(brokers, topic, n):
    from kafka import KafkaProducer

    p = KafkaProducer(bootstrap_servers=brokers)
    for i in range(int(n)):
        p.send(topic, json.dumps({"m": {"q": f"What of {i}?", "ref": f"r{i}"},
                                  "said": f"That of {i}."}).encode(),
               partition=i % 3)
    p.send(topic, b"no JSON", partition=0)
    p.flush()


def consume(brokers, topic):
    from kafka import KafkaConsumer, TopicPartition

    c = KafkaConsumer(bootstrap_servers=brokers, enable_auto_commit=False)
    parts = [TopicPartition(topic, p) for p in c.partitions_for_topic(topic)]
    c.assign(parts)
    c.seek_to_beginning()
    left = sum(c.end_offsets(parts).values()) - \
        sum(c.beginning_offsets(parts).values())
    while left > 0:
        for messages in c.poll(1000).values():
            left -= len(messages)
            for m in messages:
                print(m.key.decode(), dict(m.headers)["lockstep"].decode(),
                      m.value.decode(), sep="\t")


def unpack(*paths):
    import zstandard

    for path in paths:
        data, at = open(path, "rb").read(), -1
        while (at := data.find(b"\x28\xb5\x2f\xfd", at + 1)) >= 0:
            try:
                sys.stdout.buffer.write(zstandard.ZstdDecompressor()
                                        .decompressobj().decompress(data[at:]))
            except zstandard.ZstdError:  # the bytes only look like a frame's
                pass


def ask(url, first, n, progress):
    u = urllib.parse.urlsplit(url)
    c = http.client.HTTPConnection(u.hostname, u.port, timeout=60)
    for i in range(int(first), int(first) + int(n)):
        c.request("POST", f"/echo?n={i}", json.dumps(
            {"question": f"Number {i}?", "mail": "hush.mail@example.org"}),
            {"Authorization": "Bearer hush-bearer"})
        a = c.getresponse()
        a.read()
        assert a.status == 200, a.status
        with open(progress, "w") as f:
            f.write(str(i + 1 - int(first)))
        time.sleep(.001)


{"produce": produce, "consume": consume, "unpack": unpack, "ask": ask}[
    sys.argv[1]](*sys.argv[2:])
