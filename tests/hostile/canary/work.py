"""An honest submission: computes a little, and tells what it can see of the place."""

import json
import os
import random
import resource
import signal
import sys

import numpy as np
import sklearn.metrics

public = np.load("train.npz")
print("rows", public["inputs"].shape, float(public["inputs"].sum()), int(public["labels"].sum()))
print("random", random.random(), np.random.rand(3).tolist())
print("json", json.dumps({"a": [1, 2.5, None]}), json.loads("[1, 2]"))
print("numpy", np.arange(6).reshape(2, 3).mean(axis=0).tolist(), float(np.exp(1)))
print("sklearn", sklearn.metrics.f1_score([0, 1, 1], [0, 1, 0]))
print("environment", sorted(os.environ.items()))
print("limits", [resource.getrlimit(n) for n in range(resource.RLIM_NLIMITS)])
print("umask", os.umask(0o022), "nice", os.getpriority(os.PRIO_PROCESS, 0), os.getcwd())
print("path", sys.path, "arguments", sys.argv)
print("signals", [str(signal.getsignal(n)) for n in (signal.SIGTERM, signal.SIGUSR1, signal.SIGALRM)])
print("processes", sum(name.isdigit() for name in os.listdir("/proc")))
print("host", os.uname().nodename, sorted(os.listdir("/")))
for place in (".", "..", "/tmp", "/dev/shm", "/dev/mqueue", os.environ["HOME"]):
    try:
        print(place, sorted(os.listdir(place)))
    except OSError as error:
        print(place, type(error).__name__)
for table in ("msg", "sem", "shm"):
    print(table, open(f"/proc/sysvipc/{table}").read().count("\n"))
print("abstract", sum("@" in line for line in open("/proc/net/unix")))
