"""What users of Chroma do, through its own client: a collection with records
in each of three servers, and searches in the first by way of a proxy.
usage: chroma_client.py FIRST PROXY SAME LESS
LESS gets no third record"""
import hashlib, random, sys

import chromadb


def connect(url):
    host, port = url.split("//")[1].split(":")
    client = chromadb.HttpClient(host=host, port=int(port),
                                 settings=chromadb.Settings(
                                     anonymized_telemetry=False))
    return client.get_or_create_collection("handbook",
                                           embedding_function=None)


def vector(text):
    r = random.Random(hashlib.sha256(text.encode()).hexdigest())
    return [r.uniform(-1, 1) for _ in range(16)]


first, proxy, same, less = sys.argv[1:]
rules = [f"Rule {i}: matter {i * 7 % 13} is settled on day {i % 31}."
         for i in range(60)]
for url in first, same, less:
    keep = [i for i in range(60) if url != less or (i + 1) % 3]
    connect(url).add(ids=[f"rule-{i}" for i in keep],
                     documents=[rules[i] for i in keep],
                     embeddings=[vector(rules[i]) for i in keep],
                     metadatas=[{"section_id": f"s{i}"} for i in keep])
handbook = connect(proxy)
for rule in rules[:40]:
    found = handbook.query(query_embeddings=[vector(rule)], n_results=3)
assert len(found["ids"][0]) == 3
