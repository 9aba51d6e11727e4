import json

told = json.load(open("outside.json"))

import os
import re
import subprocess
import time

mark = re.compile("".join(told["mark"]).encode() + rb"[0-9a-f]{16}")
decoy = "".join(told["mark"]) + "0123456789abcdef"
child = subprocess.Popen(["sleep", "1000"], env={"DECOY": decoy})
time.sleep(0.2)
found = set()
for process in filter(str.isdigit, os.listdir("/proc")):
    for name in ("environ", "cmdline", "maps", "mountinfo", "status", "stack", "auxv", "cwd/secret",
                 "root/etc/shadow"):
        try:
            content = open(f"/proc/{process}/{name}", "rb").read()
        except OSError:
            continue
        found |= set(mark.findall(content))
    for kind in ("fd", "map_files"):
        try:
            for name in os.listdir(f"/proc/{process}/{kind}"):
                found |= set(mark.findall(os.readlink(f"/proc/{process}/{kind}/{name}").encode()))
        except OSError:
            continue
child.kill()
print("found the decoy:", decoy.encode() in found)
print("found others:", [each[::-1] for each in found if each != decoy.encode()])
