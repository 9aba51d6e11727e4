import os

for n in range(20):
    os.makedirs(f"locked-{n}/inner/deeper")
    open(f"locked-{n}/inner/file", "w").close()
    os.chmod(f"locked-{n}/inner", 0)
    os.chmod(f"locked-{n}", 0)
os.chmod("/slot/out", 0)
os.chmod(".", 0)
print("locked")
