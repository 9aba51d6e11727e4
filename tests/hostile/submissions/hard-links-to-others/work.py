import json

told = json.load(open("outside.json"))

import os

linked = []
for path in ("/given/request.json", "/usr/bin/env", "/etc/passwd", "/bin/sh", *told["files"]):
    for place in ("/slot/work/x", "/slot/out/x", "/tmp/x"):
        try:
            os.link(path, place)
            linked.append(path)
        except OSError:
            pass
print("linked:", linked)
