from comm import create_comm

for n in range(2_000):
    create_comm(target_name="x", data={"x": "y" * 10_000})
print("done")
