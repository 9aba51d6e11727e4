import os

written = 0
try:
    for n in range(100):
        with open(f"/dev/shm/left-by-a-submission-{n}", "wb") as file:
            file.write(b"x" * (15 << 20))
        written += 15
except OSError as error:
    print("refused:", error.strerror)
print(written < 1024)
