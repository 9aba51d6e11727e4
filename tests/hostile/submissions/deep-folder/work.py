import os
import time

for _ in range(5000):
    os.mkdir("d")
    os.chdir("d")
time.sleep(30)
