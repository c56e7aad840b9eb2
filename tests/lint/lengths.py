"""What is too long: usage lengths.py FILE...

Lines of 80 columns (a tab is eight), functions of 70 lines with their braces,
files of 650 lines; the functions of tests may be longer. Says FILE:LINE.
"""
import sys
import unicodedata

COLUMNS, FUNCTION, FILE = 80, 70, 650


def columns(line):
    text = line.expandtabs(8)
    return len(text) - sum(unicodedata.combining(c) != 0 for c in text)


def main(paths):
    bad = 0

    def complain(path, number, what):
        nonlocal bad
        bad = 1
        print(f"{path}:{number}: {what}")

    for path in paths:
        with open(path, encoding="utf-8") as f:
            lines = f.read().split("\n")
        start = 0
        for number, line in enumerate(lines, 1):
            if len(line) > COLUMNS // 8 and columns(line) > COLUMNS:
                complain(path, number, f"longer than {COLUMNS} columns")
            if path.startswith("tests/"):
                continue
            if line.startswith("{"):
                start = number
            elif line.startswith("}") and start:
                if number - start >= FUNCTION:
                    complain(path, start,
                        f"a function of {number - start + 1} lines")
                start = 0
        if len(lines) - 1 > FILE:
            complain(path, FILE + 1, f"longer than {FILE} lines")
    return bad


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
