"""Names that lead nowhere: usage references.py, in the top folder.

What a comment, a page or a text of the program cites must be in the
repository: documents, sources and headers by their names, functions by
name(). Says FILE:LINE for each that is not there.
"""
import fnmatch
import os
import re
import subprocess
import sys

# What the program writes, what a user would name so, and what a page of
# somebody else's is called.
ELSEWHERE = {
    "report.md",
    "comment.md",
    "zstd_seekable_compression_format.md",
}
# Words in capitals that stand for a page of that name, with .md.
PAGES = re.compile(
    r"(?<![\w.\"/<$&{-])"
    r"(METRICS|DESIGN|GUARDRAILS|STATS|LIMITS|STYLE|EMBEDDING|ARCHITECTURE"
    r"|REPORTS|SCORERS|TRACE|SUITE|VERDICTS|RECORD|REPLAY|CONTRIBUTING|SCALE)"
    r"(?![\w}\]-]|\.[a-z])"
)
FILE = re.compile(r"(?<![\w$}])((?:[\w*.-]+/)*[\w*-][\w*-]+(?:\.[\w-]{2,})*\.(?:md|[ch]))(?![\w*(.-]\w|\w)")
CALL = re.compile(r"(?<![\w.>$])([a-z_][a-z0-9_]{2,})\(\)")
# Functions of libraries that comments name and no file here calls.
FOREIGN = set("malloc alloca getenv localtime strftime gmtime longjmp".split())

STRINGS = re.compile(
    r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.S
)


def tracked():
    out = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        capture_output=True, text=True,
    )
    if out.returncode == 0 and out.stdout:
        return [f for f in out.stdout.splitlines() if os.path.isfile(f)]
    found = []
    for top, dirs, files in os.walk("."):
        dirs[:] = [
            d for d in dirs if not d.startswith((".git", "build", ".lockstep"))
        ]
        found += [os.path.join(top, f)[2:] for f in files]
    return found


def prose(path, text):
    """(offset, piece, kind) of what people read."""
    if path.endswith((".c", ".h", ".S")):
        for m in STRINGS.finditer(text):
            piece = m.group()
            if piece.startswith("/"):
                yield m.start(), piece, "comment"
            elif piece[0] == '"' and not path.startswith("tests/") and not re.search(
                r"#include *$", text[max(0, m.start() - 12): m.start()]
            ):
                yield m.start(), piece, "string"
    elif path.endswith(".md"):
        yield 0, text, "page"
    else:
        for m in re.finditer(r"(?m)(?:^|\s)#[ \t].*$", text):
            yield m.start(), m.group(), "comment"


def there(name, path, files, bases, includes):
    pattern = re.sub(r"[A-Z]{2,}", "*", name) if re.search(
        r"[a-z_][A-Z]{2,}|^[A-Z]+/", name
    ) and not name.endswith(".md") else name
    if os.path.basename(name) in ELSEWHERE | includes:
        return True
    if "/" not in name:
        return pattern in bases or (
            "*" in pattern and bool(fnmatch.filter(bases, pattern))
        )
    near = os.path.normpath(os.path.join(os.path.dirname(path), pattern))
    return bool(fnmatch.filter(files, pattern) or fnmatch.filter(files, near))


def main():
    files = tracked()
    bases = {os.path.basename(f) for f in files}
    texts = {}
    for f in files:
        if f.startswith(("tests/e2e/expected/", "fixtures/demo")) or not (
            f.endswith((".c", ".h", ".S", ".md", ".sh", ".t", ".py", ".pl", ".mk"))
            or os.path.basename(f) == "Makefile"
        ):
            continue
        with open(f, encoding="utf-8", errors="replace") as fh:
            texts[f] = fh.read()
    includes, called = set(), set(FOREIGN)
    for f, text in texts.items():
        if f.endswith((".c", ".h")):
            code = STRINGS.sub(
                lambda m: m.group() if m.group()[0] == '"' else " ", text
            )
            includes |= set(re.findall(r"#include <([^>]+)>", code))
            called |= set(re.findall(r"\b([a-z_]\w*)(?:\(|\s*[,;)}])", code))
        elif f.endswith((".t", ".sh", ".py", ".pl")):
            called |= set(re.findall(r"\b([a-z_]\w*)\b", text))
    includes |= {os.path.basename(i) for i in includes}
    # the examples of CONTRIBUTING.md are files to come
    includes |= {
        os.path.basename(m)
        for m in re.findall(r"(?m)^`([\w/]+\.c)`\n\n```c", texts["CONTRIBUTING.md"])
    }
    sections = re.findall(r"(?m)^## (\d+)\.", texts["harness/METRICS.md"])
    bad = 0
    for f, text in sorted(texts.items()):
        for at, piece, kind in prose(f, text):
            seen = [
                (m.start(), m.group(1), f"{m.group(1)} is not in the repository")
                for m in FILE.finditer(piece)
                if not there(m.group(1), f, files, bases, includes)
            ]
            seen += [
                (m.start(), m.group(1), f"there is no {m.group(1)}.md")
                for m in PAGES.finditer(piece)
                if m.group(1) + ".md" not in bases
                and (kind != "string" or " " in piece)
            ]
            seen += [
                (m.start(), m.group(1), f"METRICS.md has no section {m.group(1)}")
                for m in re.finditer(r"METRICS (\d+)", piece)
                if m.group(1) not in sections
            ]
            if kind == "comment" and f.endswith((".c", ".h")):
                seen += [
                    (m.start(), m.group(1), f"nothing here is called {m.group(1)}()")
                    for m in CALL.finditer(piece)
                    if m.group(1) not in called
                ]
            for where, _, what in sorted(seen):
                line = text.count("\n", 0, at + where) + 1
                print(f"{f}:{line}: {what}")
                bad = 1
    return bad


if __name__ == "__main__":
    sys.exit(main())
