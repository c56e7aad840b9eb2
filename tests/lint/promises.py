"""Keys and metrics without a wire: usage promises.py BUILD, in the top folder.

A key of the suite that nobody reads, a member of the loaded suite that only
the loader knows, a metric that nobody computes: each promises what does not
happen. Says one line each. (tests/e2e/promises.t looks at what a user sees.)
"""
import glob
import re
import subprocess
import sys

bad = 0


# One value is all that it may have.
ONE_WORD = {"retry.strategy"}


def complain(text):
    global bad
    bad = 1
    print(text)


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


TOKEN = re.compile(
    r"/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.S
)


def code(text):
    """Without comments."""
    return TOKEN.sub(lambda m: " " if m.group()[0] == "/" else m.group(), text)


SOURCES = {
    f: code(read(f))
    for f in glob.glob("harness/*/*.[ch]")
    + glob.glob("replay/*.[ch]")
    + glob.glob("reports/*.[ch]")
}
# Tables of keys tell what there is; who reads a key names it elsewhere.
TABLE = re.compile(r"\bROW\(\"")
READERS = {f: t for f, t in SOURCES.items() if not TABLE.search(t)}


def keys(build):
    """(path, help) of each key, as users are told."""
    out = subprocess.run(
        [build + "/lockstep", "check", "--keys"],
        capture_output=True, text=True, check=True,
    ).stdout
    for line in out.splitlines()[2:]:
        cells = [c.strip() for c in line.split(" | ")]
        yield cells[0].strip("|` "), cells[-1].rstrip("| ")


def check_keys(build):
    words = set()
    for text in READERS.values():
        for s in TOKEN.findall(text):
            words |= set(re.split(r"[./]", s.strip('"')))
    gates = set()
    for row in re.findall(
        r"^GATE(?:_KEY)?\((\"[^\"]+\"|\w+),", read("harness/terms/gate_rows.h"), re.M
    ):
        gates.add("gates." + row.strip('"'))
    told = dict(keys(build))
    for path, meaning in told.items():
        last = path.split(".")[-1]
        if last in ("[]", "*") or path in gates or last in words:
            continue
        # said to be passed over, or there is nothing to choose
        if re.match(r"noted|always|for readers", meaning) or path in ONE_WORD:
            continue
        complain(f"key {path}: nothing reads it")


def members(header, struct):
    body = re.search(
        r"^struct " + struct + r" \{\n(.*?)^\};", code(read(header)), re.S | re.M
    ).group(1)
    body = re.sub(r"^\s*#.*(?:\\\n.*)*$", "", body, flags=re.M)
    for decl in body.split(";"):
        for m in re.findall(r"[\s*](\w+)(?:\[\w+\])*\s*(?:,|$)", decl.strip()):
            yield m


def check_members(header, structs):
    used = set()
    for f, text in SOURCES.items():
        if re.match(r"harness/suite/(?:suite|key)", f):
            continue
        if f not in (header, header[:-1] + "c"):
            used |= set(
                re.findall(r"(?:->|\.|offsetof\(struct \w+, )([a-z]\w*)", text)
            )
    for struct in structs:
        for m in members(header, struct):
            if m not in used:
                complain(f"{header}: {struct}.{m}: only the loader knows it")


def check_metrics():
    rows = re.findall(r"^METRIC\((M_\w+), (\w+),", read("harness/terms/metric_rows.h"), re.M)
    if not rows:
        complain("harness/terms/metric_rows.h: no rows found")
    for _, name in rows:
        if not any(
            re.search(r"\ncalc_" + name + r"\(", t)
            for f, t in SOURCES.items()
            if f.startswith("harness/score/")
        ):
            complain(f"metric {name}: nothing computes it")


def main():
    check_keys(sys.argv[1])
    check_members(
        "harness/suite/suite.h", ("suite", "suite_target", "suite_scorer", "suite_retry")
    )
    check_members("harness/terms/limits.h", ("limits",))
    check_metrics()
    return bad


if __name__ == "__main__":
    sys.exit(main())
