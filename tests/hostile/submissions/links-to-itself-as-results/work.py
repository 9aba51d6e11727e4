import json
import os

told = json.load(open("outside.json"))
NAMES = ("evidence.json", "executed.ipynb", "examination.json", "hidden.json", ".evidence.json.part",
         ".executed.ipynb.part", ".examination.json.part", "hidden-inputs.npz")


def make(path):
    os.symlink(path, path)


def put(name):
    path = "/slot/out/" + name
    try:
        if os.path.isdir(path) and not os.path.islink(path):
            os.rmdir(path)
        elif os.path.lexists(path):
            os.unlink(path)
        make(path)
    except OSError:
        pass


for name in NAMES:
    put(name)
print("made")
