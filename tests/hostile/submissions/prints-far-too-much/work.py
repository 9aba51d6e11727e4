for _ in range(200):
    print("x" * (1 << 20))
