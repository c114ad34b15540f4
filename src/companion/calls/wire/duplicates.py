"""The duplicate-request cache: a server remembers its answers, and gives them again instead of executing a call again.

A client that lost the answer sends the same bytes again, with the same xid. The cache is that of NFS servers (Juszczak,
Improving the Performance and Correctness of an NFS Server, USENIX Winter 1989); RFC 5531, section 4, lets every server
have one. It lives in memory: it knows as many calls as it has places, for as long as the server's process lives.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future

Answer = Callable[[bytes], bytes]


class DuplicateRequestCache:
    """Carries out each message once and gives the same answer to its repetitions.

    A repetition is a message equal byte for byte, its xid included: two clients that begin at the same xid and ask for
    the same thing are one to it, so clients begin at a random one. A repetition that arrives while the first is being
    carried out waits for it.

    Parameters
    ----------
    answer : callable
        Carries out a message and returns the answer's bytes.
    size : int
        How many answers are remembered; the oldest are forgotten first.
    """

    def __init__(self, answer: Answer, size: int) -> None:
        if size < 1:
            raise ValueError(f"size = {size} is not accepted: it takes 1 or more")
        self._answer = answer
        self._size = size
        self._answers: OrderedDict[bytes, Future[bytes]] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, message: bytes) -> bytes:
        """Answer a message, from memory where it has been answered before."""
        key = hashlib.sha256(message).digest()
        with self._lock:
            known = self._answers.get(key)
            future = known or self._answers.setdefault(key, Future())
            while len(self._answers) > self._size:
                self._answers.popitem(last=False)
        if known is None:
            try:
                future.set_result(self._answer(message))
            except Exception as error:
                future.set_exception(error)
                raise
        return future.result()
