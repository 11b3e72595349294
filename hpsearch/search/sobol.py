"""Draws along a Sobol sequence. Apart, since it brings SciPy, which takes half a second."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats.qmc import Sobol

from hpsearch.core.seeds import derived_seed
from hpsearch.space.space import Uniform
from hpsearch.spec.model import SOBOL_BITS

_SHIFT_BITS = 52  # of a shift; what is shifted is exact as a float
_BLOCK = 256


class SobolDraws:
    """Numbers that fill the unit cube evenly: a dimension for each parameter, in the space's order.

    SciPy's Sobol sequence (direction numbers of S. Joe and F. Kuo, 2008), each dimension shifted digitally by a number made of
    (seed, ident): the points keep their even spread, and none lies in the corner where the plain sequence begins. Not
    SciPy's own scrambling, which depends on NumPy's generators and so on its version.
    """

    def __init__(self, idents: Sequence[str], seed: int) -> None:
        self._place = {ident: place for place, ident in enumerate(idents)}
        self._shifts = np.array([derived_seed(seed, "sobol", ident) >> (64 - _SHIFT_BITS) for ident in idents], dtype=np.uint64)
        self._first = -_BLOCK
        self._block = np.empty((0, len(idents)))
        self._sequence: Sobol | None = None

    def __call__(self, index: int) -> Uniform:
        if not self._first <= index < self._first + _BLOCK:
            first = index - index % _BLOCK
            if first != self._first + _BLOCK:
                self._sequence = None  # the next block is elsewhere
            self._first = first
            self._block = self._points(first)
        point = self._block[index - self._first]
        return lambda ident: float(point[self._place[ident]])

    def _points(self, first: int) -> NDArray[np.float64]:
        if self._sequence is None:
            self._sequence = Sobol(max(1, len(self._place)), scramble=False, bits=SOBOL_BITS)
            if first:  # SciPy cannot go forward by nothing
                self._sequence.fast_forward(first)
        plain = (self._sequence.random(_BLOCK)[:, : len(self._place)] * 2.0**_SHIFT_BITS).astype(np.uint64)
        return np.asarray((plain ^ self._shifts) * 2.0**-_SHIFT_BITS, dtype=np.float64)
