import ctypes
import os
import shutil
import subprocess

libc = ctypes.CDLL(None, use_errno=True)
FLAGS = {"user": 0x10000000, "mount": 0x20000, "pid": 0x20000000, "net": 0x40000000, "ipc": 0x8000000,
         "uts": 0x4000000, "cgroup": 0x2000000}
entered = [name for name, flag in FLAGS.items() if libc.unshare(flag) == 0]
for command in (["bwrap", "--ro-bind", "/", "/", "true"], ["unshare", "-Ur", "true"], ["unshare", "-rm", "true"],
                ["nsenter", "-t", "1", "-a", "true"], ["sudo", "-n", "true"], ["su", "-c", "true"],
                ["mount", "-t", "tmpfs", "none", "/tmp"], ["chroot", "/tmp", "true"]):
    if shutil.which(command[0]):
        done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=10)
        if done.returncode == 0:
            entered.append(" ".join(command))
for name, call in {
    "setuid": lambda: os.setuid(0), "setgid": lambda: os.setgid(0), "setgroups": lambda: os.setgroups([0]),
    "chroot": lambda: os.chroot("/tmp"), "host name": lambda: os.sethostname("x") if hasattr(os, "sethostname") else 1 / 0,
}.items():
    try:
        call()
        entered.append(name)
    except (OSError, ZeroDivisionError):
        pass
if libc.sethostname(b"evil", 4) == 0:
    entered.append("sethostname")
if libc.mount(b"none", b"/tmp", b"tmpfs", 0, None) == 0:
    entered.append("mount")
print("entered:", entered)
