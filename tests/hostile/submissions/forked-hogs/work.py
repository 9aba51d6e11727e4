import os
import time

for _ in range(6):
    if os.fork() == 0:
        kept = bytearray(os.urandom(1 << 20) * 150)
        time.sleep(1000)
time.sleep(1000)
