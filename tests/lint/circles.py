"""Circles between the files of a room: usage circles.py BUILD ROOM-FOLDER...

File A knows file B when A's object uses a symbol that B's object defines. A
set of files each of which knows all others, by way of some, is a circle: none
of them can be read, tested or moved without the rest. Says one line a circle,
with one symbol for each step.
"""
import os
import subprocess
import sys


def symbols(objects):
    """defined: symbol -> object; used: object -> symbols"""
    defined, used = {}, {o: set() for o in objects}
    text = subprocess.run(
        ["nm", "-A", "-g", *objects], check=True, capture_output=True, text=True
    ).stdout
    for line in text.splitlines():
        path, _, rest = line.partition(":")
        kind, name = rest.split()[-2:]
        if kind in "Uvw":
            used[path].add(name)
        else:
            defined[name] = path
    return defined, used


def components(graph):
    """Strongly connected ones, by Tarjan's algorithm."""
    index, low, stack, found = {}, {}, [], []

    def visit(v):
        index[v] = low[v] = len(index)
        stack.append(v)
        for w in graph[v]:
            if w not in index:
                visit(w)
            if w in stack:
                low[v] = min(low[v], low[w])
        if low[v] == index[v]:
            at = stack.index(v)
            found.append(sorted(stack[at:]))
            del stack[at:]

    for v in sorted(graph):
        if v not in index:
            visit(v)
    return found


def name(o):
    return os.path.basename(o)[:-2] + ".c"


def main(build, rooms):
    bad = 0
    for room in (r.rstrip("/") for r in rooms):
        folder = os.path.join(build, room)
        objects = sorted(
            os.path.join(folder, f)
            for f in os.listdir(folder)
            if f.endswith(".o")
            and any(
                os.path.exists(os.path.join(room, f[:-2] + e)) for e in (".c", ".S")
            )
        )
        defined, used = symbols(objects)
        graph = {
            o: {defined[s] for s in used[o] if defined.get(s, o) != o}
            for o in objects
        }
        for ring in components(graph):
            if len(ring) == 1:
                continue
            bad = 1
            steps = []
            for o in ring:
                for to in sorted(graph[o] & set(ring)):
                    uses = sorted(s for s in used[o] if defined.get(s) == to)
                    steps.append(f"{name(o)} uses {uses[0]} of {name(to)}")
            print(f"{room}: a circle of {len(ring)} files: {'; '.join(steps)}")
    return bad


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
