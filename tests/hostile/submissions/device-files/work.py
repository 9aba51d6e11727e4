import os
import stat

made = []
for kind in (stat.S_IFCHR, stat.S_IFBLK):
    for place in ("/slot/out", "/slot/work", "/tmp", "/dev/shm", "/dev"):
        for number in (os.makedev(1, 1), os.makedev(8, 0), os.makedev(1, 3)):
            try:
                os.mknod(f"{place}/device", kind | 0o666, number)
                made.append(place)
            except OSError:
                pass
opened = []
for name in ("mem", "kmem", "port", "kmsg", "sda", "vda", "nvme0n1", "loop0", "fuse", "kvm", "console"):
    try:
        open("/dev/" + name, "rb").close()
        opened.append(name)
    except OSError:
        pass
print("made:", made, "opened:", opened)
