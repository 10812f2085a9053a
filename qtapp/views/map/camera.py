"""Which part of the map is seen, and where a place of it is on the screen."""

from __future__ import annotations

from dataclasses import dataclass, replace

from models.review.positions import Extent

_ROOM = 1.06  # around the whole map
_CLOSEST = 4_000.0  # times the scale at which all is seen
_SMALLEST = 1e-9

Place = tuple[float, float]


@dataclass(frozen=True)
class Camera:
    """Looks at a place of the map from some height; y points upwards, on the screen downwards."""

    centre: Place = (0.0, 0.0)
    scale: float = 1.0  # pixels a unit

    @classmethod
    def fitting(cls, extent: Extent, width: int, height: int) -> Camera:
        """See all of an extent."""
        left, bottom, right, top = extent
        across = max(right - left, _SMALLEST) * _ROOM
        up = max(top - bottom, _SMALLEST) * _ROOM
        scale = min(max(width, 1) / across, max(height, 1) / up)
        return cls(((left + right) / 2, (bottom + top) / 2), scale)

    def to_screen(self, place: Place, width: int, height: int) -> Place:
        x = width / 2 + (place[0] - self.centre[0]) * self.scale
        return x, height / 2 - (place[1] - self.centre[1]) * self.scale

    def to_map(self, point: Place, width: int, height: int) -> Place:
        x = self.centre[0] + (point[0] - width / 2) / self.scale
        return x, self.centre[1] - (point[1] - height / 2) / self.scale

    def extent(self, width: int, height: int, margin: float = 0.0) -> Extent:
        """What is seen, and a margin around it as a share of that."""
        across = width / 2 / self.scale * (1 + 2 * margin)
        up = height / 2 / self.scale * (1 + 2 * margin)
        x, y = self.centre
        return (x - across, y - up, x + across, y + up)

    def panned(self, dx_px: float, dy_px: float) -> Camera:
        """What is seen moves with the pointer."""
        x, y = self.centre
        return replace(self, centre=(x - dx_px / self.scale, y + dy_px / self.scale))

    def zoomed(self, factor: float, at: Place, width: int, height: int, whole: Camera) -> Camera:
        """Nearer or farther; what is at a point of the screen stays there.

        `whole` sees everything: never much farther than that.
        """
        scale = min(max(self.scale * factor, whole.scale / 2), whole.scale * _CLOSEST)
        held = self.to_map(at, width, height)
        moved = replace(self, scale=scale)
        now = moved.to_map(at, width, height)
        x, y = self.centre
        return replace(moved, centre=(x + held[0] - now[0], y + held[1] - now[1]))
