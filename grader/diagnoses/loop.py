"""Steps of the training loop that are missing or misplaced."""

from __future__ import annotations

from typing import Final

from grader.diagnoses.base import Case, Found, Rule, Severity, found, quoted, raised, say
from grader.evidence import Framework, Freshness

_UNTRAINED: Final = (
    "loss-stuck",
    "still-falling",
    "learning-rate-too-low",
    "inactive-units",
    "minority-class-missed",
)
FEWEST_STEPS: Final = 3


def _is_idle(case: Case) -> bool:
    """Whether a model was seen that did not change, and no error says why."""
    is_trained = case.evidence.is_trained
    return (is_trained.value is False or is_trained.is_absent) and not case.errors


def never_trained(case: Case) -> Found | None:
    """Look for a model that was built and left at that.

    What it looks for:
        No parameter changed, no gradient and no loss was computed, and no cell failed.

    Why it matters:
        The model answers at random: its weights are those it was born with.

    Finds:
        A notebook whose training loop is missing or commented out.

    Leaves alone:
        Programs that stopped with an error, which is the cause; weights that were loaded.

    Does not detect:
        A loop that ran over an empty loader, except by the same signs.

    Source:
        Rule table R30.
    """
    evidence, training = case.evidence, case.evidence.training
    if not _is_idle(case) or training.loss_calls.value != 0:
        return None
    nothing = all(
        fact.is_absent or fact.value == 0 for fact in (training.gradients, training.steps)
    )
    changed = training.parameters_changed
    if not nothing or changed.value is True or changed.is_unknown:
        return None
    change = say(
        case,
        pytorch="Write the training loop: outputs = model(X), loss = loss_fn(outputs, y), "
        "optimizer.zero_grad(), loss.backward(), optimizer.step(), many times.",
        keras="Call model.compile(...) and model.fit(X_train, y_train, epochs=...).",
    )
    return found("A model was built, but never trained.", change, evidence.is_trained)


def no_backward(case: Case) -> Found | None:
    """Look for losses that nobody differentiated.

    What it looks for:
        Losses of the model were computed, but never a gradient, and nothing changed.

    Why it matters:
        Without ``backward()`` there are no gradients: the optimizer has nothing to follow, and the
        loss stays where it was.

    Finds:
        A loop of ``loss = loss_fn(...)`` and ``optimizer.step()`` alone.

    Leaves alone:
        Programs that stopped with an error in between.

    Does not detect:
        Gradients that were computed and belong to another model.

    Source:
        Rule table R31.
    """
    training = case.evidence.training
    if not _is_idle(case) or not training.loss_calls.value:
        return None
    if training.gradients.value != 0 and not training.gradients.is_absent:
        return None
    count = training.loss_calls.value
    seen = f"A loss was computed {count} times, but never a gradient."
    change = say(
        case,
        pytorch="Call loss.backward() before optimizer.step().",
        keras="Compute gradients = tape.gradient(loss, model.trainable_variables) and hand them to "
        "optimizer.apply_gradients, or use model.fit.",
    )
    return found(seen, change, training.loss_calls, case.evidence.is_trained)


def no_step(case: Case) -> Found | None:
    """Look for gradients that nobody followed.

    What it looks for:
        Gradients were computed, no optimizer made a step, and no parameter changed.

    Why it matters:
        ``backward()`` only says in which direction to go; the weights stay as they are until the
        optimizer steps.

    Finds:
        A loop without ``optimizer.step()``, or with ``optimizer.step`` without brackets.

    Leaves alone:
        Gradient descent by hand, which changes the parameters.

    Does not detect:
        Steps with a learning rate of 0.

    Source:
        Rule table R31.
    """
    training, holds = case.evidence.training, case.evidence.optimizer.holds_parameters
    if not training.gradients.value or training.parameters_changed.value is not False:
        return None
    if training.steps.value != 0 or holds.value is False:
        return None
    seen = f"Gradients were computed {training.gradients.value} times, but no optimizer step was"
    seen += " made and no weight changed."
    change = say(
        case,
        pytorch="Call optimizer.step() after loss.backward(), with the brackets.",
        keras="Call optimizer.apply_gradients(zip(gradients, model.trainable_variables)).",
    )
    return found(seen, change, training.gradients, training.steps, training.parameters_changed)


def optimizer_holds_other_parameters(case: Case) -> Found | None:
    """Look for an optimizer that moves something else.

    What it looks for:
        An optimizer stepped that holds none of this model's parameters.

    Why it matters:
        The steps move a model that is not trained here; this one stays as it was.

    Finds:
        ``optimizer = Adam(old_model.parameters())``, or a model that was built anew after its
        optimizer.

    Leaves alone:
        Several optimizers, one of which holds the parameters; descent by hand.

    Does not detect:
        An optimizer that holds only part of the parameters.

    Source:
        Rule table R31.
    """
    holds, training = case.evidence.optimizer.holds_parameters, case.evidence.training
    if holds.value is not False or training.parameters_changed.value is True:
        return None
    seen = "The optimizer that made the steps holds none of this model's parameters."
    change = say(
        case,
        pytorch="Create the optimizer after the model: torch.optim.Adam(model.parameters()), and "
        "again whenever the model is built anew.",
        keras="Hand model.trainable_variables of this very model to apply_gradients.",
    )
    return found(seen, change, holds)


def missing_zero_grad(case: Case) -> Found | None:
    """Look for gradients that pile up.

    What it looks for:
        Optimizer steps with gradients that hold those of earlier steps as well.

    Why it matters:
        PyTorch adds to gradients until they are cleared: each step goes where all earlier ones
        went too, ever farther, and the loss jumps.

    Finds:
        A loop without ``optimizer.zero_grad()``, or with one for each epoch only.

    Leaves alone:
        Accumulation over a few batches that is cleared after each step.

    Does not detect:
        Loops in which gradients were not followed.

    Source:
        Rule table R32.
    """
    fresh, steps = case.evidence.training.zero_grad, case.evidence.training.steps
    if fresh.value in (None, Freshness.EVERY_STEP) or (steps.value or 0) < FEWEST_STEPS:
        return None
    when = "at no step" if fresh.value is Freshness.NEVER else "at some steps only"
    seen = f"Gradients were cleared {when}; in the others they add up from step to step."
    change = (
        "Call optimizer.zero_grad() once for each step, before loss.backward() or right after "
        "optimizer.step()."
    )
    return found(seen, change, fresh, steps)


def no_graph(case: Case) -> Found | None:
    """Look for a loss that does not know how it came about.

    What it looks for:
        PyTorch's error that a tensor does not require a gradient.

    Why it matters:
        ``backward()`` goes back along the computation. Under ``no_grad``, after ``detach()``,
        ``argmax`` or ``item()`` there is nothing to go back along.

    Finds:
        ``with torch.no_grad():`` around the training step.

    Leaves alone:
        ``no_grad`` around the evaluation, which is right.

    Does not detect:
        A loss that keeps part of its computation.

    Source:
        Rule table R37; PyTorch 2.13 autograd.
    """
    error = raised(case, "does not require grad and does not have a grad_fn")
    error = error or raised(case, "no gradients provided for any variable")
    if error is None:
        return None
    change = say(
        case,
        pytorch="Compute outputs and loss of the training step outside torch.no_grad() and "
        "inference_mode(), and without detach(), argmax, item() or torch.tensor(...) in between.",
        keras="Call the model and the loss inside `with tf.GradientTape() as tape:`, without "
        ".numpy(), argmax or round in between, and ask the tape after it.",
    )
    return found(f"The loss has no graph to go back along: {quoted(error)}.", change)


def manual_gradient_descent(case: Case) -> Found | None:
    """Look for gradient descent written by hand.

    What it looks for:
        Parameters that changed and gradients, without a step of an optimizer.

    Why it matters:
        Nothing is wrong. An optimizer object does the same in two lines, and others than plain
        descent come for free.

    Finds:
        ``w -= 0.1 * w.grad`` under ``no_grad``.

    Leaves alone:
        Any optimizer of the framework.

    Does not detect:
        Nothing else.

    Source:
        Rule table R36.
    """
    training = case.evidence.training
    if training.parameters_changed.value is not True or not training.gradients.value:
        return None
    if training.steps.value != 0 or case.library is Framework.KERAS:
        return None
    seen = "The parameters were changed by hand, without an optimizer."
    change = "Nothing must change; torch.optim.SGD(model.parameters(), lr=...) does the same."
    return found(seen, change, training.parameters_changed, training.gradients, training.steps)


RULES: Final = (
    Rule(
        id="no-graph",
        row="R37",
        severity=Severity.ERROR,
        title="A loss without a graph",
        find=no_graph,
        needs=("is_trained",),
        explains=(*_UNTRAINED, "no-backward", "never-trained"),
    ),
    Rule(
        id="never-trained",
        row="R30",
        severity=Severity.ERROR,
        title="The model was never trained",
        find=never_trained,
        needs=("is_trained",),
        explains=_UNTRAINED,
    ),
    Rule(
        id="no-backward",
        row="R31",
        severity=Severity.ERROR,
        title="No gradient was ever computed",
        find=no_backward,
        needs=("is_trained",),
        explains=_UNTRAINED,
    ),
    Rule(
        id="optimizer-holds-other-parameters",
        row="R31",
        severity=Severity.ERROR,
        title="The optimizer holds other parameters",
        find=optimizer_holds_other_parameters,
        needs=("optimizer.holds_parameters", "training.parameters_changed"),
        explains=(*_UNTRAINED, "missing-zero-grad", "no-step"),
    ),
    Rule(
        id="no-step",
        row="R31",
        severity=Severity.ERROR,
        title="The optimizer never stepped",
        find=no_step,
        needs=("training.gradients", "training.parameters_changed", "training.steps"),
        explains=_UNTRAINED,
    ),
    Rule(
        id="missing-zero-grad",
        row="R32",
        severity=Severity.ERROR,
        title="Gradients are not cleared",
        find=missing_zero_grad,
        needs=("training.zero_grad", "training.steps"),
        explains=(
            "loss-stuck",
            "still-falling",
            "loss-exploded",
            "learning-rate-too-high",
            "inactive-units",
            "saturated-units",
            "overfitted",
            "minority-class-missed",
        ),
    ),
    Rule(
        id="manual-gradient-descent",
        row="R36",
        severity=Severity.NOTE,
        title="Gradient descent by hand",
        find=manual_gradient_descent,
        needs=("training.parameters_changed", "training.gradients", "training.steps"),
    ),
)
