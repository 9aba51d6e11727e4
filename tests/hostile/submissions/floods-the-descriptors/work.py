import os
import sys

line = b"x" * 65535 + b"\n"
for _ in range(200):
    os.write(1, line)
    os.write(2, line)
    os.write(sys.__stdout__.fileno(), line)
print("done")
