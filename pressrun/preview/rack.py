"""A shelf for looking: nothing is written from it, and what takes long is kept from one save to the next."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from pressrun.faults import Refused
from pressrun.outputs import LIVE, Made, Output, Shelf
from pressrun.preview.recall import Recall

#: bytes, and what is not quite right with them
Kept = tuple[bytes, list[str]]


class Built(Shelf):
    """What lies in outputs/, read and never changed."""

    def kept(self, output: Output) -> Kept | None:
        """A file that a build made from the same inputs, if it is still as it was made."""
        if not self.fresh(output):
            return None
        return (self.folder / output.path).read_bytes(), self._known[output.path]["warnings"]


class Rack(Shelf):
    """Outputs as a build would make them, made where and when somebody looks.

    One with a job, which takes long, is drawn only by `draw`; until then it is as it was when it was last drawn.
    """

    def __init__(self, folder: Path, memory: Recall, built: Built) -> None:
        """`folder` is for caches."""
        super().__init__(folder)
        self._memory = memory
        self._built = built
        self._by_address: dict[str, Output] = {}
        self._pictured: dict[str, Output] = {}

    def fresh(self, output: Output) -> bool:  # noqa: ARG002  # nothing of it is on the disk
        return False

    def data(self, output: Output) -> bytes:
        """The bytes of an output. Raises Refused, for one that is not drawn yet as well."""
        path = output.path
        if path not in self._made:
            if output.job:
                return self._earlier(output)
            if self._pictures_what_is_undrawn(output):
                known: Kept | None = self._memory.last(path)
                return known[0] if known else output.make()
            self._made[path] = self._kept(output) if output.key else output.make()
        return self._made[path]

    def _pictures_what_is_undrawn(self, output: Output) -> bool:
        """Whether it would be kept as a picture of something of which it is not."""
        if not self._pictured:
            self._pictured = {known.thumbnail: known for known in self.all() if known.job}
        return output.path in self._pictured and not self.is_drawn(self._pictured[output.path])

    def draw(self, output: Output) -> bytes:
        """The bytes of an output that takes long. Raises Refused."""
        self._made[output.path] = self._kept(output)
        return self._made[output.path]

    def take(self, output: Output, made: Made) -> None:
        """Keeps what another process drew."""
        self._memory.get(output.path, self.key(output), lambda: (made.data, list(made.warnings)))
        for path, data in made.more.items():
            if path in self:
                self._memory.get(path, self.key(self.get(path)), partial(tuple[bytes, list[str]], (data, [])))

    def has_drawn(self, output: Output) -> bool:
        """Whether to draw it is a matter of copying it."""
        return self._memory.has(output.path, self.key(output)) or self._built.fresh(output)

    def is_drawn(self, output: Output) -> bool:
        return output.path in self._made

    def is_there(self, output: Output) -> bool:
        return self.is_drawn(output)

    def there(self, output: Output) -> bytes:
        if not self.is_drawn(output):
            raise FileNotFoundError(output.path)
        return self._made[output.path]

    def is_at_hand(self, output: Output) -> bool:
        """Whether its bytes are here, or a matter of copying them."""
        if self.is_drawn(output):
            return True
        if output.key:
            undrawn = self._pictures_what_is_undrawn(output) and self._memory.last(output.path) is not None
            return undrawn or self._memory.has(output.path, self.key(output))
        return not output.inputs

    def _kept(self, output: Output) -> bytes:
        def make() -> Kept:
            return self._built.kept(output) or (output.make(), self._warnings.get(output.path, []))

        data, self._warnings[output.path] = self._memory.get(output.path, self.key(output), make)
        return data

    def _earlier(self, output: Output) -> bytes:
        """As it was drawn last, here or by a build."""
        known: Kept | None = self._memory.last(output.path) or self._built.kept(output)
        if not known:
            raise Refused([])
        return known[0]

    def warned(self, article: str) -> list[str]:
        """What is not quite right with what was made of an article."""
        found = [line for output in self.all() if output.article == article for line in self._said(output.path)]
        return list(dict.fromkeys(found))

    def _said(self, path: str) -> list[str]:
        return self._warnings.get(path, [])

    def at(self, path: str) -> Output | None:
        """What the live site has at a path below it."""
        if not self._by_address:
            self._by_address = {output.live: output for output in self.all() if output.live}
        known = self._outputs.get(f"{LIVE}/{path}")
        return known or self._by_address.get(path)
