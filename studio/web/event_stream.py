"""What is told to open pages as it happens: one watcher a subject, however many pages follow it."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool

from studio.web.error_messages import BROKEN

logger = logging.getLogger(__name__)

# A page that does not read gets the newest message and the end, and misses what came before.
UNREAD = 2
News = dict[str, object]


@dataclass(frozen=True)
class Look:
    """What one look at a subject saw; `pause` is the time in seconds to the next, None where nothing more will come."""

    news: News
    pause: float | None


@dataclass
class _Feed:
    """`message` is the last thing that was told, for whoever comes later."""

    message: str | None = None
    listeners: set[asyncio.Queue[str | None]] = field(default_factory=set)
    task: asyncio.Task[None] | None = None


class EventStream:
    """Server-sent events of subjects that are looked at again and again while anybody follows them."""

    def __init__(self) -> None:
        self._feeds: dict[str, _Feed] = {}
        self._is_closed = False

    def close(self) -> None:
        """Let go of every page, without an end: it asks again, and finds the server that comes after this one."""
        self._is_closed = True
        for feed in self._feeds.values():
            _tell(feed, None)

    async def follow(self, subject: str, look: Callable[[], Look]) -> AsyncIterator[str]:
        """The events of a subject, from what is known now to its end. `look` runs in a thread."""
        if self._is_closed:
            return
        feed = self._feeds.setdefault(subject, _Feed())
        queue: asyncio.Queue[str | None] = asyncio.Queue(UNREAD)
        if feed.message is not None:
            queue.put_nowait(feed.message)
        feed.listeners.add(queue)
        if feed.task is None:
            feed.task = asyncio.create_task(self._watch(subject, feed, look))
        try:
            while (message := await queue.get()) is not None:
                yield message
            if not self._is_closed:
                yield event("end", {})
        finally:
            feed.listeners.discard(queue)
            if not feed.listeners:
                feed.task.cancel()
                if self._feeds.get(subject) is feed:
                    del self._feeds[subject]

    async def _watch(self, subject: str, feed: _Feed, look: Callable[[], Look]) -> None:
        """Whatever ends it, the pages that are open hear of the end."""
        try:
            last = await self._looks(feed, look)
        except asyncio.CancelledError:
            return  # nobody follows any more
        except Exception:
            logger.exception("following %s broke off", subject)
            last = event("news", {"problem": BROKEN})
        if self._feeds.get(subject) is feed:
            del self._feeds[subject]  # whoever comes now looks anew
        for message in (last, None):
            _tell(feed, message)

    async def _looks(self, feed: _Feed, look: Callable[[], Look]) -> str:
        """Tell what is new until nothing more will come; the last message."""
        while True:
            seen = await run_in_threadpool(look)
            message = event("news", seen.news)
            if seen.pause is None:
                return message
            if message != feed.message:
                feed.message = message
                _tell(feed, message)
            await asyncio.sleep(seen.pause)


def _tell(feed: _Feed, message: str | None) -> None:
    for queue in feed.listeners:
        if queue.full():
            queue.get_nowait()
        queue.put_nowait(message)


def event(name: str, content: News) -> str:
    """As the browser's EventSource reads it; JSON has no line breaks."""
    return f"event: {name}\ndata: {json.dumps(content)}\n\n"
