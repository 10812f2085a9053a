"""Commands that change how the image that is seen large is looked at."""

from __future__ import annotations

from functools import partial

from qtapp.commands.catalog.acting import tr
from qtapp.commands.registry import Registry
from qtapp.state.image_look import Base, ImageLook

_ZOOM_STEP = 1.25
_LEVEL_STEP = 1 / 16  # of the span of the values


def declare_image(registry: Registry, image: ImageLook) -> None:
    """Zoom, levels and channels, the same in every view."""
    for name, text, run in (
        ("zoom_in", tr("Zoom in"), partial(image.zoom, _ZOOM_STEP)),
        ("zoom_out", tr("Zoom out"), partial(image.zoom, 1 / _ZOOM_STEP)),
        ("brighter", tr("Brighter"), partial(image.adjust, 0, -_LEVEL_STEP)),
        ("darker", tr("Darker"), partial(image.adjust, 0, _LEVEL_STEP)),
        ("more_contrast", tr("More contrast"), partial(image.adjust, -_LEVEL_STEP, 0)),
        ("less_contrast", tr("Less contrast"), partial(image.adjust, _LEVEL_STEP, 0)),
    ):
        registry.add(f"image.{name}", text, run).setAutoRepeat(True)
    registry.add("image.fit", tr("All of the image"), image.fit)
    registry.add(
        "image.pixels",
        tr("Pixel for pixel (100%)"),
        image.show_pixels,
        tip=tr("Each pixel of the image as one of the screen"),
    )
    registry.add(
        "image.levels",
        tr("Next levels"),
        image.next_base,
        tip=tr(
            "As usual, from the lowest to the highest value, from the 1st to the 99th percentile"
        ),
    )
    for name, text, base in (
        ("levels_usual", tr("Levels as usual"), Base.USUAL),
        ("levels_whole", tr("Levels from the lowest to the highest value"), Base.WHOLE),
        ("levels_middle", tr("Levels from the 1st to the 99th percentile"), Base.MIDDLE),
    ):
        registry.add(f"image.{name}", text, partial(image.take_base, base))
    registry.add(
        "image.channel",
        tr("Next channel"),
        image.next_channel,
        tip=tr("All channels, or one of them as grey"),
        when=lambda: image.n_channels > 1,
    )
