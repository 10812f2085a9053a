"""DatasetInfo and OpenRequest live in models.types, which the window's layers may import."""

from models.types import DatasetInfo as DatasetInfo
from models.types import OpenRequest as OpenRequest
