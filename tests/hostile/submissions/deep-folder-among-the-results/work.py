import os

os.chdir("../out")
for _ in range(5000):
    os.mkdir("examination.json")
    os.chdir("examination.json")
