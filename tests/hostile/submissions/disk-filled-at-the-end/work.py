for n in range(8):
    with open(f"big-{n}", "wb") as file:
        file.write(b"x" * (15 << 20))
