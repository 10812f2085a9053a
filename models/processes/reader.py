"""The reader child: opens a source and sends its images, so that a bad file harms nobody else."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.facts import image_facts, joined
from models.data.readers import Source, open_source
from models.data.readers.thumbnails import reduced
from models.data.readers.undone import with_undone
from models.errors import DatasetError, NotYet, WinnowError
from models.processes.channel import Message
from models.processes.messages import error_to_message, event_to_message
from models.processes.position import TOGETHER, Position
from models.processes.serving import ParentChannel, parent_channel
from models.review.properties import MEASURED_PX, measured, unmeasured
from models.review.shades import to_screen
from models.types import DatasetInfo, DatasetOpened, OpenRequest, Pixels, SampleIds

_MEMORY_BYTES = 2 << 30  # beyond what this process occupies when it starts
_REPLY_BYTES = 32 << 20  # a reply this large, or this late, is sent as far as it got
_REPLY_S = 0.5
_PROGRESS_S = 0.05


def main() -> None:
    _limit_memory()
    parent = parent_channel()
    requests = parent.requests()
    first = next(requests)
    position = Position.adopt(first["position"])
    source = _open(parent, OpenRequest.from_message(first["open"]))
    if source is None:
        return
    for request in requests:
        try:
            parent.send(_answer(source, request, position))
        except Exception as error:  # noqa: BLE001 - the parent shows it
            parent.send(error_to_message(error))


def _open(parent: ParentChannel, request: OpenRequest) -> Source | None:
    said = 0.0
    try:
        for step in open_source(request):
            if isinstance(step, Source):
                source = with_undone(step, request.undone)
                event = DatasetOpened(_in_splits(source.info, request).to_message(), source.given)
                parent.send(event_to_message(event))
                return source
            if time.monotonic() - said > _PROGRESS_S:
                said = time.monotonic()
                parent.send(event_to_message(step))
    except MemoryError:
        where = " and ".join(request.paths)
        parent.send(error_to_message(DatasetError("needs more memory than is allowed", where)))
    except Exception as error:  # noqa: BLE001 - the parent shows it
        parent.send(error_to_message(error))
    return None


def _in_splits(info: DatasetInfo, request: OpenRequest) -> DatasetInfo:
    """As the request wants it split; everybody opens a dataset through here. Splits made for
    another number of images are of a source that changed, which others refuse."""
    wanted = request.assignment
    return info if wanted is None or len(wanted.codes()) != info.n else info.assigned(wanted)


def _answer(source: Source, request: Message, position: Position) -> Message:
    if "paths" in request:
        return {"paths": [source.path(int(i)) for i in request["paths"]]}
    if "original" in request:
        original = source.original(int(request["original"]))
        return {"bytes": None if original is None else np.frombuffer(original, np.uint8)}
    if "review" in request:
        review = source.earlier_review()
        if review is None:
            return {"log": None}
        return {
            "log": review.log,
            "notes": [[seq, text] for seq, text in review.notes.items()],
            "corrected": review.corrected,
            "reviewers": review.reviewers,
        }
    if "facts" in request:
        return _facts(source, request, position)
    if "properties" in request:
        return _properties(source, request, position)
    return _images(source, request, position)


def _facts(source: Source, request: Message, position: Position) -> Message:
    """What the pixels of the samples asked for say, as many as a reply has time for."""
    ids: SampleIds = request["facts"]
    if request["together"]:
        position.mark(request["number"], TOGETHER)
        stack = _stack(source, ids, size_px=0)
        if stack is not None:
            return image_facts(ids[: len(stack)], stack).to_message()
    one_by_one = _one_by_one(source, ids, 0, request["number"], position)
    parts = [image_facts(ids[i : i + 1], [image]) for i, image in enumerate(one_by_one)]
    return joined(parts).to_message()


def _properties(source: Source, request: Message, position: Position) -> Message:
    """What is measured of the samples asked for, a row a sample, NaN where one is unreadable."""
    ids: SampleIds = request["properties"]
    if request["together"]:
        position.mark(request["number"], TOGETHER)
        stack = _stack(source, ids, MEASURED_PX)
        if stack is not None:
            return {"rows": measured(stack, stack.shape[1:3]).T}
    columns = []
    for sample_id, image in zip(
        ids.tolist(), _one_by_one(source, ids, 0, request["number"], position), strict=False
    ):
        if isinstance(image, str):
            columns.append(unmeasured(1))
            continue
        seen = reduced(image, MEASURED_PX, source.info.value_range)
        encoded = _n_encoded(source, sample_id)
        columns.append(measured(seen[np.newaxis], image.shape[:2], encoded))
    return {"rows": np.concatenate(columns, axis=1).T}


def _n_encoded(source: Source, sample_id: int) -> float:
    """How large the file of an image is; NaN where it has none."""
    try:
        return source.n_encoded(sample_id)
    except WinnowError:  # it went since its pixels were read
        return np.nan


def _images(source: Source, request: Message, position: Position) -> Message:
    """As many of the images asked for as make one reply, in the order asked, at least one.

    The reply is one stack of equal shapes, or flat pixels with a shape for each image and,
    in the place of a shape, the reason why there is none.
    """
    ids: SampleIds = request["images"]
    size_px: int = request["size_px"]
    if request["together"]:
        position.mark(request["number"], TOGETHER)
        stack = _stack(source, ids, size_px)
        if stack is not None:
            return {"stack": stack}
    shapes: list[tuple[int, ...] | str] = []
    pixels: list[Pixels] = []
    for image in _one_by_one(source, ids, size_px, request["number"], position):
        if isinstance(image, str):
            shapes.append(image)
        else:
            shapes.append(image.shape)
            pixels.append(image)
    flat = np.concatenate([image.reshape(-1) for image in pixels]) if pixels else np.empty(0, "u1")
    return {"shapes": shapes, "pixels": flat}


def _one_by_one(
    source: Source, ids: SampleIds, size_px: int, number: int, position: Position
) -> Iterator[Pixels | str]:
    """Images, or why there are none, until a reply is large or late; at least one.

    Ends before an image that is not there yet; raises NotYet if that is the first.
    """
    n_bytes, until = 0, time.monotonic() + _REPLY_S
    for place, sample_id in enumerate(ids):
        if place and (n_bytes > _REPLY_BYTES or time.monotonic() > until):
            break
        position.mark(number, place)
        try:
            image = _image(source, int(sample_id), size_px)
        except NotYet:
            if place:
                break
            raise
        n_bytes += 0 if isinstance(image, str) else image.nbytes
        yield image
    position.mark(number, TOGETHER)


def _stack(source: Source, ids: SampleIds, size_px: int) -> NDArray[Any] | None:
    shape = source.info.image_shape
    if shape is None or (size_px and max(shape[:2]) > size_px):
        return None
    try:
        stack = source.stack(ids)
    except (WinnowError, MemoryError):
        return None  # one by one tells which of them it is
    if stack is None or not size_px:
        return stack
    return to_screen(stack, source.info.value_range)


def _image(source: Source, sample_id: int, size_px: int) -> Pixels | str:
    """One image, or why there is none."""
    try:
        return source.thumbnail(sample_id, size_px) if size_px else source.read(sample_id)
    except MemoryError:
        return f"{source.path(sample_id)}: needs more memory than is allowed."
    except NotYet:
        raise
    except WinnowError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - one image must not spoil the rest
        return f"{source.path(sample_id)}: cannot be read ({type(error).__name__}: {error})."


def _limit_memory() -> None:
    """Cap memory at what is in use now and a fixed amount, and leave no core file."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    statm = Path("/proc/self/statm")
    if statm.exists():  # elsewhere the limit is not enforced anyway
        in_use = int(statm.read_text().split()[0]) * resource.getpagesize()
        ceiling = in_use + _MEMORY_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (ceiling, ceiling))


if __name__ == "__main__":
    main()
