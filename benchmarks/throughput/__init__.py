"""How long a class takes with this grader and with others; ``python benchmarks/throughput``."""
