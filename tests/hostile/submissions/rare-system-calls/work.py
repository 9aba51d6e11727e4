import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
CALLS = {"bpf": (321, 0, 0, 0), "reboot": (169, 0xFEE1DEAD, 672274793, 0), "swapon": (167, b"/tmp/x", 0),
         "init_module": (175, b"", 0, b""), "kexec_load": (246, 0, 0, 0, 0), "settimeofday": (164, b"\0" * 16, 0),
         "acct": (163, b"/tmp/x"), "quotactl": (179, 0, b"", 0, 0), "iopl": (172, 3),
         "syslog": (103, 5, 0, 0), "setdomainname": (171, b"x", 1), "vhangup": (153,),
         "perf_event_open": (298, b"\0" * 128, -1, 0, -1, 0), "open_by_handle_at": (304, -100, b"\0" * 16, 0)}
passed = [name for name, arguments in CALLS.items() if libc.syscall(*arguments) >= 0]
print("passed:", passed)
