for n in range(1_000_000):
    print(n)
