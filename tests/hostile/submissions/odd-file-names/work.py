import os

names = ["=1+1.csv", "<img src=x onerror=hostile(1)>.png", "\x1b[31mred", "a\nb", "\u202etxt.exe", "-rf", "~",
         "n" * 255, " ", "..hidden", "con", "a;touch x", "$(touch x)", "`touch x`"]
names = [os.fsencode(name) for name in names] + [b"latin \xe9\xff", b"\xf0\x9f"]
for place in (b"/slot/work", b"/slot/out"):
    for name in names:
        open(os.path.join(place, name), "w").write("x")
        os.makedirs(os.path.join(place, name[:200] + b"-folder", b"sub"), exist_ok=True)
print("made", len(names))
