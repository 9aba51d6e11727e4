from IPython.display import clear_output, display

for n in range(20_000):
    display({"text/plain": "x" * 200}, raw=True)
    clear_output()
