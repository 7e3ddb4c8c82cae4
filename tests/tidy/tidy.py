#!/usr/bin/env python3
"""The house rules that a program can check (see README.md beside this file).

  tests/tidy/tidy.py [ROOT]      prints one line per finding: path:line: what is wrong and what to do; exit 1 if any

A rule is a function decorated with @rule; it is given the Tree and yields findings. tidy_test.py holds for every
rule a tree that it must refuse and one that it must accept.
"""
import os
import re
import subprocess
import sys
from dataclasses import dataclass

LINE_MAX = 120
FILE_LINES_MAX = 600

CPP = (".cc", ".h")
CODE = CPP + (".proto", ".py", ".sh", ".ts", ".tsx", ".cmake")
# What a machine writes, or what is data: no style to keep.
GENERATED = ("dashboards/web/src/gen/", "services/lib/clickhouse/migrations/", "package-lock.json",
             "deploy/kafka/libs.sha256", "LICENSE")
DATA = (".csv", ".json", ".xml", ".svg", ".png", ".facts", ".reference", ".ndjson", ".textproto", ".sha256", ".ico")


@dataclass(frozen=True)
class Finding:
    path: str
    line: int
    text: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.text}"


class Tree:
    """The repository's own files: path relative to the root -> text. Binary files have the text ''."""

    def __init__(self, files):
        self.files = files
        self.folders = {f for path in files for f in _parents(path)}
        self._rooms = None

    @classmethod
    def read(cls, root):
        list_files = ["git", "-C", root, "ls-files", "-co", "--exclude-standard"]
        names = subprocess.run(list_files, capture_output=True, text=True)
        if names.returncode == 0:
            paths = names.stdout.splitlines()
        else:  # an unpacked archive
            skipped = {"build", "node_modules", "dist", ".git", "__pycache__"}
            paths = []
            for folder, folders, files in os.walk(root):
                folders[:] = [f for f in folders if f not in skipped]
                paths += [os.path.relpath(os.path.join(folder, f), root) for f in files]
        files = {}
        for path in sorted(paths):
            full = os.path.join(root, path)
            if not os.path.isfile(full):
                continue
            with open(full, "rb") as f:
                raw = f.read()
            files[path] = "" if b"\0" in raw[:4096] else raw.decode("utf-8", errors="replace")
        return cls(files)

    def each(self, suffixes=None, under=""):
        for path, text in self.files.items():
            if path.startswith(under) and not is_generated(path) and (suffixes is None or path.endswith(suffixes)):
                yield path, text

    def lines(self, suffixes=None, under=""):
        for path, text in self.each(suffixes, under):
            for number, line in enumerate(text.splitlines(), 1):
                yield path, number, line

    @property
    def rooms(self):
        """Room name -> (folder, declared rooms, layer), from the CMakeLists.txt files."""
        if self._rooms is None:
            self._rooms = {}
            for path, text in self.files.items():
                if path.startswith("services/") and path.endswith("/CMakeLists.txt"):
                    for call in cmake_calls(text, "yokoten_room"):
                        name = (call.get("NAME") or [""])[0]
                        layer = int((call.get("LAYER") or ["-1"])[0])
                        self._rooms[name] = (os.path.dirname(path), call.get("DEPS", []), layer)
        return self._rooms


def is_generated(path):
    return any(path == g or path.startswith(g) or path.endswith("/" + g) for g in GENERATED)


def _parents(path):
    while "/" in path:
        path = path.rsplit("/", 1)[0]
        yield path


def cmake_calls(text, verb):
    """The keyword arguments of every call of a CMake verb: {"DEPS": [...], ...}."""
    text = re.sub(r"#.*", "", text)
    for match in re.finditer(rf"\b{verb}\s*\(([^)]*)\)", text):
        call, key = {}, None
        for word in match.group(1).split():
            if re.fullmatch(r"[A-Z]+", word) and word not in ("ON", "OFF"):
                key = word
                call.setdefault(key, [])
            elif key:
                call[key].append(word)
        yield call


def without_comment(line):
    return re.sub(r"(^|[^:])//.*", r"\1", line)


RULES = []


def rule(function):
    RULES.append(function)
    return function


# --- Arrows ---------------------------------------------------------------------------------------------------------


def reachable(rooms, names):
    seen, todo = set(), list(names)
    while todo:
        name = todo.pop()
        if name not in seen and name in rooms:
            seen.add(name)
            todo += rooms[name][1]
    return seen


@rule
def include_arrows(tree):
    """A room includes only what it declares in DEPS (or what those rooms declare)."""
    rooms = tree.rooms
    by_folder = {folder: name for name, (folder, _, _) in rooms.items()}
    first_segment = {folder.removeprefix("services/").removeprefix("lib/"): name for folder, name in by_folder.items()}
    for path, number, line in tree.lines(CPP, "services/"):
        include = re.match(r'\s*#include\s+"([a-z_0-9]+)/', line)
        if not include or include.group(1) not in first_segment:
            continue
        here = by_folder.get(os.path.dirname(path)) or next(
            (by_folder[f] for f in _parents(path) if f in by_folder), None)
        there = first_segment[include.group(1)]
        if here is None or here == there:
            continue
        folder, deps, layer = rooms[here]
        allowed = reachable(rooms, deps)
        if path.endswith("_test.cc"):
            for call in cmake_calls(tree.files.get(folder + "/CMakeLists.txt", ""), "yokoten_test"):
                allowed |= reachable(rooms, call.get("ROOMS", []))
        if there not in allowed:
            hint = "add it to DEPS" if rooms[there][2] < layer else "a room may only look down: move the code"
            yield Finding(path, number, f"room {here} includes room {there}, which it does not depend on; {hint}")


# What may be included or called only in certain rooms, so that a neighbour can be replaced in one place.
NEIGHBOURS = [
    (r"#include\s+<librdkafka/", ("services/lib/kafka/",), "Kafka is reached through lib/kafka"),
    (r"#include\s+<curl/", ("services/lib/clickhouse/",), "ClickHouse is reached through lib/clickhouse"),
    (r"#include\s+<boost/(beast|asio)", ("services/lib/http/",), "HTTP is served through lib/http"),
    (r"#include\s+<boost/math", ("services/lib/stats/",), "statistics live in lib/stats"),
    (r"#include\s+<Eigen/", ("services/lib/stats/",), "statistics live in lib/stats"),
    (r"#include\s+<prometheus/", ("services/lib/telemetry/",), "metrics are registered through lib/telemetry"),
    (r"#include\s+<absl/", ("services/lib/base/",),
     "Debian's absl types are not the std types: keep them behind lib/base"),
    (r"\bdlopen\s*\(", ("services/warehouse/",), "only the warehouse loads the engine"),
]


@rule
def neighbours(tree):
    for path, number, line in tree.lines(CPP, "services/"):
        code = without_comment(line)
        for pattern, homes, why in NEIGHBOURS:
            if re.search(pattern, code) and not path.startswith(homes):
                yield Finding(path, number, f"{why} (only {', '.join(homes)} may do this)")


# --- Calls ----------------------------------------------------------------------------------------------------------

# (pattern, suffixes, path prefixes it holds for, path prefixes left out, what to do instead)
BANNED = [
    (r"\bstd::rand\b|(?<![\w:.])s?rand\s*\(", CPP, ("services/", "tests/"), (),
     "use <random> with a seed that is given: a run must be repeatable"),
    (r"\bsleep_for\b|\bsleep_until\b|(?<![\w.>])u?sleep\s*\(", CPP, ("services/", "tests/"), (),
     "a sleep is either too short or too long: wait on a condition with a deadline"),
    (r"(?<!\w)(printf|puts)\s*\(|\bfprintf\s*\(\s*stdout|\bstd::(cout|cerr|clog)\b", CPP, ("services/",),
     ("services/cli/", "services/main.cc", "services/operate.cc", "services/warehouse/warehouse_"),
     "log through telemetry: only the command line prints"),
    (r"^(?!.*deadline).*\bsystem_clock::now\s*\(", CPP, ("services/",), ("services/lib/base/",),
     "take a base::Clock: a test must be able to say what time it is"),
    (r"(?<![\w:])(gmtime|localtime|strtok|asctime|ctime)\s*\(", CPP, ("services/",), (),
     "not thread-safe: use base/date.h"),
    (r"(?<![\w])throw\s", CPP, ("services/",), (), "no exception crosses a room: return base::Status"),
    (r"\busing namespace\b(?!.*literals)", CPP, ("services/", "tests/"), (), "name what is used"),
    (r"\b(now|now64|today|yesterday|rand|generateUUIDv4)\s*\(", (".sql",), ("services/lib/kpi/definitions/",), (),
     "a KPI's SQL may not ask for the clock or for chance: cells must come out the same on any day"),
]

# The same for SQL, which stands inside string literals too.
BANNED_SQL = [
    (r"\bWITH\b.*\bAS MATERIALIZED\b", "fails in ClickHouse 26.5 and leaves its table locked"),
    (r"\bDROP TABLE\b.*\bSYNC\b", "never returns in libchdb: a plain DROP does"),
]


@rule
def banned_calls(tree):
    for pattern, suffixes, under, left_out, instead in BANNED:
        compiled = re.compile(pattern)
        for path, number, line in tree.lines(suffixes):
            # A test may throw, to see that it is caught.
            tested_throw = "throw" in pattern and path.endswith("_test.cc")
            if not path.startswith(under) or path.startswith(left_out) or tested_throw:
                continue
            if "NOLINT" in line:
                continue
            code = re.sub(r"--.*", "", line) if path.endswith(".sql") else without_comment(line)
            found = compiled.search(re.sub(r'"(\\.|[^"\\])*"', '""', code))
            if found:
                yield Finding(path, number, f"{found.group(0).split()[-1]}: {instead}")
    for path, number, line in tree.lines(CPP + (".sql",)):
        for pattern, instead in BANNED_SQL:
            found = re.search(pattern, without_comment(line))
            if found:
                yield Finding(path, number, f"{found.group(0)}: {instead}")


# --- Text -----------------------------------------------------------------------------------------------------------


@rule
def line_length(tree):
    code = {path for path, text in tree.each() if path.endswith(CODE) or text.startswith("#!")}
    for path, number, line in tree.lines():
        if path not in code:
            continue
        # A field's options and an address cannot be broken well.
        if len(line) > LINE_MAX and "(yokoten.options" not in line and "://" not in line:
            yield Finding(path, number, f"{len(line)} characters; at most {LINE_MAX}")


@rule
def white_space(tree):
    for path, text in tree.each(CODE + (".md", ".sql", ".txt")):
        if text and not text.endswith("\n"):
            yield Finding(path, text.count("\n") + 1, "the last line has no end")
        for number, line in enumerate(text.splitlines(), 1):
            if line != line.rstrip():
                yield Finding(path, number, "white space at the end of the line")
            if "\t" in line and not path.endswith((".md", ".txt")):
                yield Finding(path, number, "a tab")


@rule
def file_length(tree):
    for path, text in tree.each(CODE + (".sql", ".md")):
        count = text.count("\n")
        if count > FILE_LINES_MAX:
            yield Finding(path, count, f"{count} lines; over {FILE_LINES_MAX} it holds more than one thing: split it")


@rule
def opening_words(tree):
    """Each source file opens with a comment on what it is; where x.h says it, x.cc and x_test.cc need not."""
    for path, text in tree.each(CPP + (".proto", ".ts", ".tsx")):
        header = re.sub(r"(_test)?\.cc$", ".h", path)
        if header != path and header in tree.files:
            continue
        first = next((line for line in text.splitlines() if line.strip()), "")
        if not re.match(r"\s*(//|/\*)", first):
            yield Finding(path, 1, "open the file with a comment of one to five lines: what it is")


@rule
def unfinished(tree):
    for path, number, line in tree.lines(CODE + (".sql", ".md", ".txt")):
        if path.startswith("tests/tidy/"):
            continue
        found = re.search(r"\b(TODO|FIXME|XXX|HACK)\b", line)
        if found:
            yield Finding(path, number, f"{found.group(0)}: finish it, or write it into the changelog as a known gap")


# What belongs to one machine or one network, never to the product.
MACHINE = [
    (r"(?<![\w.$}/])/(work|root|home/\w+)/", "a path of one machine"),
    (r"registry\.npmjs\.org|repo1?\.maven|repo\.maven\.apache|pypi\.org|files\.pythonhosted|proxy\.golang|sum\.golang|"
     r"deb\.debian\.org|static\.crates\.io|index\.crates\.io",
     "a registry's host: the clients' own settings say where from"),
    (r'"resolved"\s*:', "an address in a lock file: npm config set omit-lockfile-registry-resolved true"),
]


@rule
def machine_names(tree):
    for path, text in tree.files.items():
        if path.startswith("tests/tidy/") or path == "LICENSE":
            continue
        for number, line in enumerate(text.splitlines(), 1):
            for pattern, what in MACHINE:
                if re.search(pattern, line):
                    yield Finding(path, number, what)


@rule
def scripts(tree):
    """A shell script stops at the first error and says at its head what it is."""
    for path, text in tree.each():
        if not re.match(r"#!.*\b(ba)?sh\b", text):
            continue
        lines = text.splitlines()
        if len(lines) < 2 or not lines[1].startswith("# "):
            yield Finding(path, 2, "say in the second line what the script is for")
        if "set -euo pipefail" not in text:
            yield Finding(path, 1, "needs 'set -euo pipefail'")


# --- Papers ---------------------------------------------------------------------------------------------------------


@rule
def room_readmes(tree):
    for name, (folder, _, _) in sorted(tree.rooms.items()):
        if folder + "/README.md" not in tree.files:
            yield Finding(folder + "/CMakeLists.txt", 1, f"room {name} has no README.md: what it is, in a page at most")


@rule
def links(tree):
    """Every relative link of a page leads to a file or folder of the repository."""
    for path, text in tree.each((".md",)):
        in_code = False
        for number, line in enumerate(text.splitlines(), 1):
            if line.lstrip().startswith("```"):
                in_code = not in_code
            if in_code:
                continue
            for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", line)):
                target = target.split("#")[0]
                if not target or re.match(r"[a-z]+:", target):
                    continue
                full = os.path.normpath(os.path.join(os.path.dirname(path), target))
                if full not in tree.files and full not in tree.folders:
                    yield Finding(path, number, f"link to {target}, which is not there")


def error_ids(tree):
    """(id, path, line) of every error id the code declares and every alert the deployment raises."""
    for path, number, line in tree.lines((".h",), "services/lib/base/error_ids"):
        found = re.search(r'=\s*"([a-z0-9][a-z0-9_-]*)"', line)
        if found:
            yield found.group(1), path, number
    for path, number, line in tree.lines((".yml", ".yaml"), "deploy/prometheus/"):
        found = re.match(r"\s*-?\s*alert:\s*(\S+)", line)
        if found:
            yield found.group(1), path, number


@rule
def runbooks(tree):
    """Who reads an id at night finds docs/runbooks/<id>.md; a runbook nobody points at is dead."""
    known = set()
    for name, path, number in error_ids(tree):
        known.add(name)
        if f"docs/runbooks/{name}.md" not in tree.files:
            yield Finding(path, number, f"no docs/runbooks/{name}.md says what to do")
    if known:
        for path in tree.files:
            name = re.fullmatch(r"docs/runbooks/(.+)\.md", path)
            if name and name.group(1) not in known | {"README", "template"}:
                yield Finding(path, 1, "no error id or alert has this name")


@rule
def targets(tree):
    """The target table and the folders of services/ are the same list; target rollup lives in rollup_worker."""
    table = next((p for p in tree.files if re.fullmatch(r"services/(main|targets)\.cc", p)), None)
    if table is None:
        return
    named = set(re.findall(r'\{\s*"([a-z-]+)",\s*"', tree.files[table]))
    if not named:
        return
    folder_of = {name: {"rollup": "rollup_worker"}.get(name, name.replace("-", "_")) for name in named}
    folders = {folder.split("/")[1] for folder, _, _ in tree.rooms.values() if not folder.startswith("services/lib/")}
    for name in sorted(named):
        if folder_of[name] not in folders and name != "all":
            yield Finding(table, 1, f"target {name} has no folder services/{folder_of[name]}")
    for folder in sorted(folders - set(folder_of.values()) - {"cli", "rebuild"}):
        yield Finding(table, 1, f"services/{folder} is no target of the table")


@rule
def changelog(tree):
    """The changelog keeps its sections, so that an operator finds what may hurt first."""
    text = tree.files.get("CHANGELOG.md")
    if text is None:
        return
    allowed = {"Safety", "KPIs and events", "Operations", "Internals", "Known gaps"}
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("### ") and line[4:] not in allowed:
            yield Finding("CHANGELOG.md", number, f"section {line[4:]}; known are {', '.join(sorted(allowed))}")


def check(tree):
    return [finding for function in RULES for finding in function(tree)]


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    findings = check(Tree.read(root))
    for finding in findings:
        print(finding)
    print(f"tidy: {len(RULES)} rules, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
