import os

try:
    with open("big", "wb") as file:
        for _ in range(1024):
            file.write(b"x" * (1 << 20))
except OSError as error:
    print("refused:", error.strerror)
print(os.path.getsize("big") >> 20, "MiB")
