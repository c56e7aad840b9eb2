"""Validates a document against a JSON Schema in which, for this purpose, no
member may go unnamed: usage schema_check.py SCHEMA DOCUMENT."""
import json
import sys

import jsonschema


def close(node):
    if isinstance(node, dict):
        if "properties" in node and "additionalProperties" not in node:
            node["additionalProperties"] = False
        for child in node.values():
            close(child)
    elif isinstance(node, list):
        for child in node:
            close(child)


schema = json.load(open(sys.argv[1], encoding="utf-8"))
jsonschema.Draft202012Validator.check_schema(schema)
close(schema)
errors = list(
    jsonschema.Draft202012Validator(schema).iter_errors(
        json.load(open(sys.argv[2], encoding="utf-8"))
    )
)
for e in errors[:5]:
    print("/".join(map(str, e.absolute_path)), e.message[:200])
sys.exit(bool(errors))
