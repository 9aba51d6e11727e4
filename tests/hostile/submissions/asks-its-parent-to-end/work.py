import os
import signal
import time

for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGUSR1, signal.SIGALRM):
    try:
        os.kill(os.getppid(), number)
    except OSError:
        pass
time.sleep(1000)
