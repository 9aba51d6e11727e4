raise ValueError("x" * (64 << 20))
