"""How often the training data passed through a model: three signs, and what they agree on."""

from __future__ import annotations

import functools
import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from grader.probe.opaque import Opaque
from grader.probe.pytorch_values import tensors_in

_ATTRIBUTE = "_grader_pass"  # an attribute of DataLoader's iterators


@dataclass(slots=True, eq=False)
class LoaderPass:
    """One iterator of a ``DataLoader``.

    Attributes:
        expected: How many batches it will yield, as far as the loader knows.
        yielded: How many it has yielded.
        rows: Of the latest batch.
        is_over: Whether it has said that there are no more.
    """

    expected: int | None
    yielded: int = 0
    rows: int = -1
    is_over: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether every batch was handed out."""
        return self.is_over or (self.expected is not None and self.yielded >= self.expected)


Feed = tuple[LoaderPass, int]


class LoaderWatch:
    """Knows which batch a ``DataLoader`` handed out last.

    Args:
        torch: The imported package.
        is_off: Whether nothing is to be recorded now.

    Attributes:
        latest: The iterator that handed out the latest batch.
    """

    def __init__(self, torch: Opaque, is_off: Callable[[], bool]) -> None:
        self._torch = torch
        self._is_off = is_off
        self.latest: LoaderPass | None = None

    def feed(self, rows: int) -> Feed | None:
        """The batch that a call on so many rows got, if it is the latest one."""
        latest = self.latest
        if latest is None or latest.rows != rows:
            return None
        return latest, latest.yielded

    def wrapped_iter(self, original: Callable[..., Opaque]) -> Callable[..., Opaque]:
        """``DataLoader.__iter__``, starting a pass."""

        @functools.wraps(original)
        def start(loader: Opaque) -> Opaque:
            iterator = original(loader)
            if not self._is_off():
                try:
                    iterator.__dict__[_ATTRIBUTE] = LoaderPass(_length(loader))
                except Exception:  # noqa: BLE001  # then the pass is not counted
                    self.latest = None
            return iterator

        return start

    def wrapped_next(self, original: Callable[..., Opaque]) -> Callable[..., Opaque]:
        """``__next__`` of its iterators, counting the batches."""

        @functools.wraps(original)
        def following(iterator: Opaque) -> Opaque:
            try:
                data = original(iterator)
            except StopIteration:
                over = iterator.__dict__.get(_ATTRIBUTE)
                if over is not None:
                    over.is_over = True
                raise
            latest = iterator.__dict__.get(_ATTRIBUTE)
            if latest is not None:
                latest.yielded += 1
                latest.rows = _rows(self._torch, data)
            self.latest = latest
            return data

        return following


def _length(loader: Opaque) -> int | None:
    try:
        return len(loader)
    except TypeError:  # an iterable data set need not know
        return None


def _rows(torch: Opaque, data: Opaque) -> int:
    for tensor in tensors_in(torch, data):
        return len(tensor) if tensor.dim() else -1
    return -1


@dataclass(slots=True)
class Passes:
    """What was fed to one model in training, batch by batch.

    Three signs tell the passes: the same tensor each time; iterators of a ``DataLoader`` all of
    whose batches were trained on once; every row having been fed equally often.
    """

    _fed: int = 0
    _tensors: int = 0
    _keys: list[int] | None = None
    _times: int = 0
    _counts: Counter[int] = field(default_factory=Counter)
    _is_uncounted: bool = False
    _is_fed_by_loader: bool = False
    _base: Opaque = None
    _is_of_one_base: bool = True
    _without_loader: int = 0
    _complete: int = 0
    _is_broken: bool = False
    _current: LoaderPass | None = None
    _batches: int = 0
    _place: int = -1

    def again(self, feed: Feed | None) -> None:
        """The same tensor as the time before was fed."""
        self._fed += 1
        self._times += 1
        self._follow(feed)

    def add(self, base: Opaque, feed: Feed | None) -> None:
        """Another tensor was fed; :meth:`count` tells its rows, now or later.

        Args:
            base: The tensor that it is a view of, if it is one.
            feed: The batch of a ``DataLoader`` that it is.
        """
        self._repeat()
        self._fed += 1
        self._tensors += 1
        self._times = 1
        if self._tensors == 1:
            self._base = base
        self._is_of_one_base = self._is_of_one_base and base is not None and base is self._base
        self._follow(feed)

    def count(self, keys: list[int] | None) -> None:
        """Count rows that were fed.

        Args:
            keys: Of the rows; ``None`` where they are not told apart.
        """
        self._keys = keys
        if keys is None:
            self._is_uncounted = True
        elif not self._is_uncounted:
            self._counts.update(keys)

    def _repeat(self) -> None:
        """The last tensor was fed several times: count its rows as often."""
        more, self._times = self._times - 1, 1
        if more <= 0 or self._is_uncounted:
            return
        if self._keys is None or self._is_fed_by_loader:
            self._is_uncounted = True  # whose rows these were is not known any more
            return
        for key in self._keys:
            self._counts[key] += more

    def unknown(self) -> None:
        """Something was fed that could not be followed."""
        self._is_uncounted = True
        self._is_broken = True
        self._fed += 1
        self._tensors += 2

    def twin(self) -> Passes:
        """A copy that goes on independently."""
        return replace(self, _counts=Counter(self._counts))

    def epochs(self) -> int | None:
        """How often the data passed through; ``None`` where the signs say too little."""
        if self._fed == 0:
            return None
        if self._tensors == 1:
            return self._fed
        has_loader = self._without_loader < self._fed
        by_loader = self._by_loader()
        by_rows = self._by_rows()
        if has_loader and by_loader is None:
            return None
        if by_loader is not None:
            return by_loader if by_rows in {None, by_loader} else None
        if by_rows == 1 and not self._covers_base():
            return None  # rows drawn at random may not have met twice yet
        return by_rows

    def _follow(self, feed: Feed | None) -> None:
        self._is_fed_by_loader = feed is not None
        if feed is None:
            self._without_loader += 1
            return
        source, place = feed
        if source is not self._current:
            self._close()
            self._current, self._batches, self._place = source, 0, -1
        elif place == self._place:
            self._is_broken = True  # one batch was trained on several times
        self._place = place
        self._batches += 1

    def _close(self) -> None:
        if self._current is not None:
            if self._is_whole(self._current):
                self._complete += 1
            else:
                self._is_broken = True

    def _is_whole(self, source: LoaderPass) -> bool:
        return source.is_complete and source.yielded == self._batches

    def _by_loader(self) -> int | None:
        if self._is_broken or self._without_loader or self._current is None:
            return None
        return self._complete + 1 if self._is_whole(self._current) else None

    def _by_rows(self) -> int | None:
        self._repeat()
        if self._is_uncounted or not self._counts:
            return None
        often = Counter(self._counts.values())
        least = min(often)
        usual = max(often, key=lambda times: often[times])
        # A row that the data hold twice was fed twice as often.
        return least if usual == least and math.gcd(*often) == least else None

    def _covers_base(self) -> bool:
        return (
            self._is_of_one_base
            and self._base is not None
            and sum(self._counts.values()) == len(self._base)
        )
