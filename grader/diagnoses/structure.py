"""What is built is not what was meant."""

from __future__ import annotations

import re
from typing import Any, Final

from grader.designs import ACROSS_OUTPUTS, FOR_EACH_OUTPUT, canonical
from grader.diagnoses.base import Case, Found, Rule, Severity, found, quoted, raised, say
from grader.evidence import Fact, Framework, Operation

_AFFINE_KINDS: Final = frozenset(
    {
        *("dense", "conv1d", "conv2d", "conv3d", "flatten", "reshape", "cast", "identity"),
        *("dropout", "batch-norm", "average-pool", "add", "scale", "shift", "bias"),
    }
)
_WEIGHTED_KINDS: Final = frozenset({"dense", "conv1d", "conv2d", "conv3d"})
_CLASS_IN_BRACKETS: Final = re.compile(r"\(([^()]*)\)\s*$")
_NOT_SET_UP: Final = (
    # PyTorch 2.13, then Keras 3.15; every part must occur.
    ("optimizer got an empty parameter list",),
    ("cannot assign", "before module.__init__() call"),
    ("forgot to call", "super().__init__"),
    ("object has no attribute '_dtype_policy'",),
)
_LACKS_ITS_OWN: Final = re.compile(
    r"calling (\w+)\.call\(\).*'\1' object has no attribute", re.DOTALL
)
"""Keras: a model's ``call`` uses a layer that its ``__init__`` never made."""
_KEPT_FOR_LATER: Final = ACROSS_OUTPUTS | FOR_EACH_OUTPUT | {"identity", "softmax2d"}
MOST_IDENTICAL: Final = 0.9
MOST_INACTIVE: Final = 0.95
HEAVY: Final = 0.5
_CONSEQUENCES: Final = (
    "loss-stuck",
    "still-falling",
    "learning-rate-too-low",
    "minority-class-missed",
)


def no_non_linearity(case: Case) -> Found | None:
    """Look for layers that could be one.

    What it looks for:
        Two layers with weights or more, nothing non-linear between any of them.

    Why it matters:
        Such layers collapse into a single one, however many there are: the model can only cut the
        space with straight lines.

    Finds:
        ``Linear(2, 16), Linear(16, 1)``; activations that were created and never called.

    Leaves alone:
        A single layer: a linear model on purpose. A nested activation in ``forward``.

    Does not detect:
        Layers that are non-linear only where no data lies.

    Source:
        Rule table R13.
    """
    model = case.evidence.model
    layers = model.hidden_layers.value
    if not layers or any(canonical(layer.activation) != "linear" for layer in layers):
        return None
    is_affine = model.is_affine.value
    proof: Fact[Any] = model.is_affine
    if is_affine is not True:
        # An activation behind the last layer bends the outputs, not what lies before them.
        steps = model.operations.value or ()
        if not _collapses(steps):
            return None
        proof = model.hidden_layers
    count = len(layers) + 1
    seen = f"The model has {count} layers with weights and nothing non-linear between them."
    change = say(
        case,
        pytorch="Put an activation behind every layer but the last: nn.ReLU() in the Sequential, "
        "or torch.relu(...) around the call in forward.",
        keras='Give every layer but the last an activation: Dense(16, activation="relu").',
    )
    return found(seen, change, proof, model.hidden_layers)


def _collapses(steps: tuple[Operation, ...]) -> bool:
    """Whether everything up to the last layer with weights is affine."""
    weighted = [place for place, step in enumerate(steps) if step.kind in _WEIGHTED_KINDS]
    if len(weighted) < 2:
        return False
    return all(step.kind in _AFFINE_KINDS for step in steps[: weighted[-1] + 1])


def unused_layer(case: Case) -> Found | None:
    """Look for layers that were built and take no part.

    What it looks for:
        Layers and activations of the model that its computation never uses.

    Why it matters:
        A layer that is created in ``__init__`` and not called in ``forward`` does nothing; the
        model is another one than it seems to be.

    Finds:
        ``self.relu = nn.ReLU()`` that no line of ``forward`` calls.

    Leaves alone:
        A softmax or sigmoid that is kept for predicting; losses and metrics kept in the model.

    Does not detect:
        A layer that is called and its result thrown away, unless the probe says so.

    Source:
        Rule table R14.
    """
    fact = case.evidence.model.unused_layers
    unused = [name for name in fact.value or () if not _is_for_predicting(name)]
    if not unused:
        return None
    seen = f"Built but never used: {', '.join(unused[:5])}."
    change = say(
        case,
        pytorch="Call it in forward, or delete it from __init__.",
        keras="Call it where the model is put together, or delete it.",
    )
    return found(seen, change, fact)


def _is_for_predicting(name: str) -> bool:
    inside = _CLASS_IN_BRACKETS.search(name)
    kind = (inside[1] if inside else name).lower().replace("_", "")
    return kind in _KEPT_FOR_LATER or kind.endswith(("loss", "accuracy", "metric", "score"))


def init_misspelled(case: Case) -> Found | None:
    """Look for a class whose layers PyTorch or Keras never heard of.

    What it looks for:
        The errors that follow from ``_init_`` with single underscores, from a missing
        ``super().__init__()``, and from layers in a plain list; in PyTorch also a model that
        computes with more weights than it holds parameters.

    Why it matters:
        The framework finds layers only as attributes of a class that was set up by its
        ``__init__``; otherwise there are no parameters to train.

    Finds:
        "optimizer got an empty parameter list"; "cannot assign module before
        Module.__init__() call".

    Leaves alone:
        Layers that are used twice; every other error.

    Does not detect:
        A plain list of layers whose weights are few beside those that are registered.

    Source:
        Rule table R15; PyTorch 2.13 and Keras 3.15.
    """
    error = next((e for parts in _NOT_SET_UP if (e := raised(case, *parts)) is not None), None)
    if error is None:
        attribute = raised(case, "exception encountered when calling", "object has no attribute")
        if attribute is not None and _LACKS_ITS_OWN.search(attribute.message):
            error = attribute
    model, held, used = case.evidence.model, _held(case), _used(case)
    is_short = case.library is Framework.PYTORCH and held is not None and 0 < held < used
    if error is None and not is_short:
        return None
    change = say(
        case,
        pytorch="Write __init__ with two underscores on each side, call super().__init__() in its "
        "first line, and keep several layers in nn.ModuleList or nn.Sequential, not in a list.",
        keras="Write __init__ with two underscores on each side, call super().__init__() in its "
        "first line, and make there every layer that call uses.",
    )
    if error is not None:
        return found(f"The class never registered its layers: {quoted(error)}.", change)
    seen = f"The model computes with at least {used} weights, but only {held} of them are its "
    seen += "parameters: some layers were never registered, and nothing trains them."
    return found(seen, change, model.operations, model.parameters)


def _held(case: Case) -> int | None:
    """Parameters that the model knows of, frozen or not."""
    model = case.evidence.model
    trainable, frozen = model.parameters.value, model.frozen_parameters.value
    return None if trainable is None or frozen is None else trainable + frozen


def _used(case: Case) -> int:
    """Weights that its dense layers need at least: layers of the same widths may be one."""
    steps = case.evidence.model.operations.value or ()
    widths = {
        (min(step.inputs, step.units), max(step.inputs, step.units))
        for step in steps
        if step.kind == "dense" and step.inputs and step.units
    }
    return sum(inputs * units for inputs, units in widths)


def forward_ignores_input(case: Case) -> Found | None:
    """Look for a model that does not look at the rows it is given.

    What it looks for:
        Outputs that stay the same whatever the input.

    Why it matters:
        The model works on some other data, usually on a variable of the notebook, and is useless
        on any other row.

    Finds:
        ``def forward(self, x)`` that computes with ``X_train``.

    Leaves alone:
        A softmax over one unit, copies of one unit and dead units, which other rules name.

    Does not detect:
        A ``forward`` that uses its argument and a global one besides.

    Source:
        Rule table R16.
    """
    model = case.evidence.model
    if model.uses_input.value is not False:
        return None
    inactive, copies = model.inactive_units.value or 0.0, model.identical_units.value or 0.0
    if inactive >= MOST_INACTIVE or copies >= MOST_IDENTICAL:
        return None
    seen = "The outputs do not depend on the rows that the model is given."
    change = say(
        case,
        pytorch="In forward compute with its argument (x), not with a variable from outside.",
        keras="In call compute with its argument (inputs), not with a variable from outside.",
    )
    return found(seen, change, model.uses_input)


def identical_units(case: Case) -> Found | None:
    """Look for hidden units that are copies of each other.

    What it looks for:
        A hidden layer in which at least nine tenths of the units compute the same.

    Why it matters:
        Units that start equal get equal gradients and stay equal for ever: a layer of 64 is worth
        a layer of one.

    Finds:
        ``nn.init.zeros_`` or ``constant_`` on weights; ``kernel_initializer="zeros"``.

    Leaves alone:
        Biases that start at 0; a few units that happen to be equal.

    Does not detect:
        Units that are equal up to a factor.

    Source:
        Rule table R17.
    """
    fact = case.evidence.model.identical_units
    if fact.value is None or fact.value < MOST_IDENTICAL:
        return None
    seen = f"In a hidden layer {fact.value:.0%} of the units are copies of another one."
    change = say(
        case,
        pytorch="Leave the weights as PyTorch makes them, or use nn.init.kaiming_uniform_; only "
        "biases may start at 0.",
        keras="Leave kernel_initializer out; the default, glorot_uniform, draws random weights.",
    )
    return found(seen, change, fact)


def heavy_dropout(case: Case) -> Found | None:
    """Look for dropout that takes half of everything away, twice.

    What it looks for:
        Two dropout layers or more, each with a rate of at least one half.

    Why it matters:
        On small data and in small networks so much dropout keeps the model from learning what it
        could.

    Finds:
        ``Dropout(0.5)`` behind both hidden layers.

    Leaves alone:
        One dropout; smaller rates.

    Does not detect:
        Rates that were not recorded.

    Source:
        Rule table R18.
    """
    operations = case.evidence.model.operations
    rates = [step.rate for step in operations.value or () if step.kind == "dropout"]
    known_rates = [rate for rate in rates if rate is not None]
    if len(rates) < 2 or len(known_rates) < len(rates) or min(known_rates) < HEAVY:
        return None
    seen = f"Each of {len(rates)} dropout layers sets half of its inputs to 0, or more."
    change = "Try a rate of 0.1 to 0.3, or dropout behind one layer only."
    return found(seen, change, operations)


RULES: Final = (
    Rule(
        id="no-non-linearity",
        row="R13",
        severity=Severity.ERROR,
        title="Layers without an activation between them",
        find=no_non_linearity,
        needs=("model.hidden_layers", "model.is_affine"),
        explains=(*_CONSEQUENCES, "unused-layer"),
    ),
    Rule(
        id="init-misspelled",
        row="R15",
        severity=Severity.ERROR,
        title="The layers were never registered",
        find=init_misspelled,
        needs=("is_trained", "model.operations", "model.parameters", "model.frozen_parameters"),
        explains=("never-trained", "unused-layer", "no-backward", "loss-stuck", "still-falling"),
    ),
    Rule(
        id="forward-ignores-input",
        row="R16",
        severity=Severity.ERROR,
        title="The model does not look at its input",
        find=forward_ignores_input,
        needs=("model.uses_input",),
        explains=(*_CONSEQUENCES, "unused-layer", "trained-on-test-rows"),
    ),
    Rule(
        id="identical-units",
        row="R17",
        severity=Severity.ERROR,
        title="All units of a layer are copies",
        find=identical_units,
        needs=("model.identical_units",),
        explains=(
            *_CONSEQUENCES,
            "forward-ignores-input",
            "inactive-units",
            "saturated-units",
        ),
    ),
    Rule(
        id="unused-layer",
        row="R14",
        severity=Severity.WARNING,
        title="A layer that is never used",
        find=unused_layer,
        needs=("model.unused_layers",),
    ),
    Rule(
        id="heavy-dropout",
        row="R18",
        severity=Severity.NOTE,
        title="A lot of dropout",
        find=heavy_dropout,
        needs=("model.operations",),
    ),
)
