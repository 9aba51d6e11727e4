"""Searches everything that a submission can see for things that must not be there.

Run as a script by an interpreter that has the grader installed in some way:
``python visible.py RESULT.json [SKIPPED...]``. It starts a sandboxed run whose submission walks
every file, every environment and every readable process memory for the secret, hidden labels,
rubric and reference text; and, as the proof that the search finds what is there, another one for
copies that are planted in a file, in the environment and in memory.
"""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path, PurePosixPath

import nbformat

from grader.course import bundled_catalogue, open_course
from grader.datasets.secret import DEMO_SECRET
from grader.pipeline.grade import public_rows
from grader.pipeline.setting import Setting, prepare
from grader.sandbox.interface import Job
from grader.sandbox.levels import choose_level
from grader.sandbox.runner import FreshSandboxRunner

MASK = 0x5A
LABELS = 64
LABEL_TYPES = ("int64", "int32", "int16", "int8", "float64", "float32", "float16", ">i8", ">i4")
PLANTED = b"a planted copy that the search has to find: 4f1d93"

SEARCH = r"""
import json, os, stat, sys

MASK = 0x5A
TABLE = bytes(value ^ MASK for value in range(256))
# Patterns are masked, and so is what is read, so that this process itself never holds one.
PATTERNS = {name: bytes.fromhex(text) for name, text in json.loads(PATTERNS_JSON).items()}
LONGEST = max(map(len, PATTERNS.values()))
found = []
seen = {"files": 0, "bytes": 0, "environments": 0, "memory": 0}


def search(content, where):
    masked = content.translate(TABLE)
    for name, pattern in PATTERNS.items():
        if pattern in masked:
            found.append([name, where])


def search_file(path):
    try:
        if not stat.S_ISREG(os.stat(path, follow_symlinks=False).st_mode):
            return
        with open(path, "rb") as file:
            tail = b""
            while chunk := file.read(1 << 24):
                seen["bytes"] += len(chunk)
                search(tail + chunk, path)
                tail = chunk[-LONGEST:]
        seen["files"] += 1
    except OSError:
        pass


def search_memory(process):
    try:
        with open(f"/proc/{process}/maps") as file:
            areas = [line.split() for line in file]
        memory = open(f"/proc/{process}/mem", "rb", 0)
    except OSError:
        return
    with memory:
        for area in areas:
            if "r" not in area[1] or area[-1] in ("[vvar]", "[vsyscall]", "[vdso]"):
                continue
            if len(area) > 5 and area[5].endswith(".so") and "w" not in area[1]:
                continue  # a library's own bytes: searched as a file
            start, end = (int(part, 16) for part in area[0].split("-"))
            try:
                memory.seek(start)
                while start < end:
                    chunk = memory.read(min(1 << 24, end - start))
                    if not chunk:
                        break
                    start += len(chunk)
                    seen["memory"] += len(chunk)
                    search(chunk, f"memory of {process}")
            except (OSError, ValueError, OverflowError):
                continue


for folder, folders, names in os.walk("/"):
    folders[:] = [name for name in folders if os.path.join(folder, name) not in SKIPPED]
    for name in names:
        search_file(os.path.join(folder, name))
for process in filter(str.isdigit, os.listdir("/proc")):
    for part in ("environ", "cmdline"):
        try:
            with open(f"/proc/{process}/{part}", "rb") as file:
                search(file.read(), f"{part} of {process}")
                seen["environments"] += part == "environ"
        except OSError:
            pass
    search_memory(process)
search(repr(dict(os.environ)).encode(), "os.environ")
print("RESULT" + json.dumps({"found": found, "seen": seen}))
"""

PLANT = r"""
import os
copy = bytes(value ^ 0x5A for value in bytes.fromhex(PLANTED_MASKED))
os.environ["PLANTED"] = copy.decode()
open("planted.bin", "wb").write(b"before" + copy + b"after")
"""


def patterns(setting: Setting) -> dict[str, bytes]:
    """What must not be visible, by name."""
    secret = DEMO_SECRET.value
    wanted = {
        "secret raw": secret,
        "secret hex": secret.hex().encode(),
        "secret HEX": secret.hex().upper().encode(),
        "secret base64": base64.b64encode(secret).rstrip(b"="),
        "secret base64url": base64.urlsafe_b64encode(secret).rstrip(b"="),
    }
    labels = setting.hidden["circles"].labels[:LABELS]
    for kind in LABEL_TYPES:
        wanted[f"labels {kind}"] = labels.astype(kind).tobytes()
    wanted["labels as digits"] = "".join(map(str, labels)).encode()
    wanted["labels as a list"] = ", ".join(map(str, labels)).encode()
    wanted["labels as a column"] = "\n".join(map(str, labels)).encode()
    wanted["hidden inputs"] = setting.hidden["circles"].inputs[:8].tobytes()
    root = setting.course.root
    rubric = (root / "rubrics" / "circles.toml").read_bytes()
    wanted["rubric"] = rubric[-80:]
    for name in ("solution_pytorch.py", "solution_keras.py"):
        text = (root / "reference_solutions" / "circles" / name).read_bytes()
        wanted[f"reference {name}"] = text[200:280]
    wanted["expected outcome"] = b'"outcomes": {\n    "trained": "failed"'
    return wanted


def masked(content: bytes) -> str:
    return bytes(value ^ MASK for value in content).hex()


def notebook(wanted: dict[str, bytes], *, plant: bool, skipped: list[str]) -> str:
    """A submission that searches; with ``plant``, one that first plants what it will look for."""
    skipped = ["/proc", "/sys", *skipped]
    cells = []
    if plant:
        wanted = {"planted": PLANTED}
        cells.append(f"PLANTED_MASKED = {masked(PLANTED)!r}\n{PLANT}")
    table = json.dumps({name: masked(content) for name, content in wanted.items()})
    cells.append(f"PATTERNS_JSON = {table!r}\nSKIPPED = {skipped!r}\n{SEARCH}")
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    return str(nbformat.writes(book))


def run(setting: Setting, text: str) -> dict[str, object]:
    """Run the search in a sandbox and return what it printed."""
    job = Job(
        notebook=text,
        entry_kind="notebook",
        entry_name="search.ipynb",
        files={PurePosixPath(name): content for name, content in setting.files.items()},
        briefs=(setting.assignment.exercises[0].brief(),),
        public=public_rows(setting),
        hidden_inputs={"circles": setting.hidden["circles"].inputs},
        limits=setting.assignment.limits,
    )
    runner = FreshSandboxRunner(choose_level(None, allow_weaker=False))
    result = runner.run(job, cancelled=lambda: False)
    for cell in nbformat.reads(result.executed, as_version=4).cells:
        for output in cell.outputs:
            text = output.get("text", "")
            if "RESULT" in text:
                answer = json.loads(text.split("RESULT", 1)[1])
                assert isinstance(answer, dict)
                return answer | {"isolation": result.isolation}
    message = f"the search did not finish: {result.outcome} {result.log[-2000:]} {result.executed}"
    raise RuntimeError(message)


def main() -> None:
    """Search for what must not be there, then for what was planted; write both answers."""
    course = open_course(bundled_catalogue(), here=Path("/"))
    setting = prepare(course, "circles", secret=DEMO_SECRET)
    wanted = patterns(setting)
    skipped = sys.argv[2:]
    answers = {
        "installed_in": str(Path(sys.modules["grader"].__file__ or "").parent),
        "patterns": sorted(wanted),
        "search": run(setting, notebook(wanted, plant=False, skipped=skipped)),
        "planted": run(setting, notebook(wanted, plant=True, skipped=["/usr", sys.prefix])),
    }
    Path(sys.argv[1]).write_text(json.dumps(answers, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
