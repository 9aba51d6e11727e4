import os
import subprocess
import sys
import time

code = '''
import os, time
for n in range(1000):
    time.sleep(0.1)
    for place in ("/tmp", "/dev/shm", "/slot/work", "/slot/out", "."):
        try:
            open(os.path.join(place, "left-by-a-submission-daemon"), "w").write("x")
        except OSError:
            pass
'''
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
    os._exit(0)
os.wait()
print("left")
