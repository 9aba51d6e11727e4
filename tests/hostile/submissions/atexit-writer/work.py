import atexit
import os
import signal
import sys


def late(*_):
    print("LATE")
    for name in ("evidence.json", "executed.ipynb", "hidden.json", "left-by-a-submission"):
        for place in ("/slot/out/", "/tmp/"):
            try:
                open(place + name, "w").write("LATE")
            except OSError:
                pass


atexit.register(late)
signal.signal(signal.SIGTERM, late)
sys.exitfunc = late
print("registered")
