import os

os.rename("/slot/out", "/slot/moved")
os.symlink("/tmp", "/slot/out")
print("moved")
