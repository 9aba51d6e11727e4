import time

for n in range(100):
    with open(f"big-{n}", "wb") as file:
        file.write(b"x" * (10 << 20))
time.sleep(30)
