import sys

kernel = get_ipython().kernel
for n in range(300):
    kernel.session.send(kernel.iopub_socket, "error", {"ename": "E" * 100_000, "evalue": "v" * 100_000,
        "traceback": ["t" * 100_000] * 3}, parent=kernel.get_parent())
print("done")
