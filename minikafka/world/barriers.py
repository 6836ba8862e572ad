"""What stands in the way: cuts, holds, and the firewall.

Promises     a cut or held way keeps messages back and loses none; a firewall decides who may *open* a connection and
             does not touch one that stands; nothing stands between a machine and itself.
Stands for   a broken line, a routing mistake, a paused proxy, a security group.
Left out     firewalls that say nothing: a refused opening is told, as a closed port would.
Differs      a real cut also ends connections after minutes of silence; here only the waiting side's own timeout does.
"""

from __future__ import annotations

from minikafka.world.places import Place

CUT = "cut"
HOLD = "hold"


class Barriers:
    """All cuts, holds and firewall rules of a world."""

    def __init__(self) -> None:
        self._standing: dict[tuple[str, str, str], tuple[Place, Place]] = {}
        self._firewall: dict[tuple[str, str], tuple[Place, Place, bool]] = {}

    def put(self, kind: str, source: Place, target: Place) -> bool:
        """Put a barrier up from `source` to `target`; False if it stands already."""
        key = (kind, source.name, target.name)
        if key in self._standing:
            return False
        self._standing[key] = (source, target)
        return True

    def take(self, kind: str, source: Place, target: Place) -> bool:
        """Take a barrier away; False if there was none."""
        if self._standing.pop((kind, source.name, target.name), None) is None:
            return False
        return True

    def standing(self) -> list[tuple[str, Place, Place]]:
        """All barriers that stand: (kind, source, target), oldest first."""
        return [(key[0], source, target) for key, (source, target) in self._standing.items()]

    def blocks(self, source: Place, target: Place) -> bool:
        """Whether anything keeps messages from `source` to `target` back."""
        return source is not target and any(
            one.contains(source) and other.contains(target) for one, other in self._standing.values()
        )

    def rule(self, source: Place, target: Place, allowed: bool) -> None:
        """Say who may open connections to whom; the latest rule that fits counts, and without one everybody may."""
        self._firewall.pop((source.name, target.name), None)
        self._firewall[source.name, target.name] = (source, target, allowed)

    def may_open(self, source: Place, target: Place) -> bool:
        """Whether the firewall lets `source` open a connection to `target`."""
        for one, other, allowed in reversed(self._firewall.values()):
            if one.contains(source) and other.contains(target) and source is not target:
                return allowed
        return True
