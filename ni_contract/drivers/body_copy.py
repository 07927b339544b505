"""A copy of a body while others read it."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class BodyCopy:
    """The bytes of one body as far as they were read; none once there are more than *most*.

    *inside*: a method that reads is running, and the methods that it calls copy nothing.
    """

    most: int
    data: bytearray = field(default_factory=bytearray)
    fits: bool = True
    has_ended: bool = False
    inside: bool = False

    def add(self, chunk: bytes) -> None:
        """Appends *chunk* if all of it fits."""
        self.fits = self.fits and len(self.data) + len(chunk) <= self.most
        if self.fits:
            self.data += chunk

    @property
    def body(self) -> bytes | None:
        """The whole body; None where it was not read to its end."""
        if self.has_ended and self.fits:
            return bytes(self.data)
        return None
