"""What is remembered between two requests: a few things by their key, the one not asked for longest goes first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class LRUCache(Generic[T]):
    """Safe to share between threads. `room` is how many things it holds."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._lock = Lock()
        self._things: OrderedDict[str, T] = OrderedDict()

    def put(self, key: str, thing: T) -> None:
        with self._lock:
            self._things[key] = thing
            self._things.move_to_end(key)
            while len(self._things) > self._room:
                self._things.popitem(last=False)

    def get(self, key: str) -> T | None:
        with self._lock:
            if key in self._things:
                self._things.move_to_end(key)
            return self._things.get(key)

    def remembered(self, key: str, make: Callable[[], T]) -> T:
        """What is there, else what `make` makes, which is put there. Whatever `make` raises leaves nothing."""
        value = self.get(key)
        if value is None:
            value = make()
            self.put(key, value)
        return value
