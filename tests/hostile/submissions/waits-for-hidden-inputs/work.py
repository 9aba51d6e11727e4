import glob
import os
import threading
import time


def watch():
    while True:
        if glob.glob("/slot/out/hidden-inputs*"):
            print("ARRI" + "VED")
            for name in ("executed.ipynb", "evidence.json"):
                open("/slot/out/" + name, "w").write("ARRI" + "VED")
        time.sleep(0.005)


threading.Thread(target=watch, daemon=True).start()
if os.fork() == 0:
    watch()
print("watching")
