"""A seeded order of the numbers 0 to n - 1, without a list of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from hpsearch.core.seeds import derived_seed

_ROUNDS = 4


@dataclass(frozen=True)
class Permutation:
    """A bijection of 0..size-1, decided by `seed`: `p(0), p(1), ...` is the shuffled order, of any size, in no memory.

    A Feistel network of four rounds (M. Luby and C. Rackoff, "How to Construct Pseudorandom Permutations from Pseudorandom
    Functions", SIAM J. Computing 17 (1988)) on the smallest even number of bits that holds the size, with SHA-256 as its round
    function; what falls outside is sent through again until it falls inside (J. Black and P. Rogaway, "Ciphers with Arbitrary
    Finite Domains", CT-RSA 2002), which takes fewer than four passes on average.
    """

    size: int
    seed: int

    @cached_property
    def _half(self) -> int:
        """Bits of either half."""
        return max(1, ((self.size - 1).bit_length() + 1) // 2)

    def __call__(self, index: int) -> int:
        """The number at `index`. Raises: IndexError outside 0..size-1."""
        if not 0 <= index < self.size:
            raise IndexError(f"index {index} of {self.size}")
        number = self._pass(index)
        while number >= self.size:
            number = self._pass(number)
        return number

    def _pass(self, number: int) -> int:
        mask = (1 << self._half) - 1
        left, right = number >> self._half, number & mask
        for turn in range(_ROUNDS):
            left, right = right, left ^ (self._mixed(turn, right) & mask)
        return left << self._half | right

    def _mixed(self, turn: int, half: int) -> int:
        mixed = derived_seed(self.seed, "order", turn, half)
        for more in range(1, -(-self._half // 64)):  # spaces beyond 2^128 configurations
            mixed = mixed << 64 | derived_seed(self.seed, "order", turn, half, more)
        return mixed
