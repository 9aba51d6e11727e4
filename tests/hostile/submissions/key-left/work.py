import ctypes

libc = ctypes.CDLL(None, use_errno=True)
ADD_KEY, REQUEST_KEY = 248, 249
for keyring in (-1, -2, -3, -4, -5):
    key = libc.syscall(ADD_KEY, b"user", b"left-by-a-submission", b"x", 1, keyring)
    print(keyring, key > 0)
