"""The optimiser of a net: Muon for its convolutions, AdamW for all else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

_MOMENTUM = 0.95
_ROUNDS = 3  # of making an update orthogonal; usual are five, which were not tried


class Optimizer:
    """Steps every trained parameter of a net; its convolutions lie channels last.

    Measured on CIFAR-10N aggregate, 6 epochs in 205 s of processor time: average precision .699
    with AdamW alone, .748 with Muon; Fashion-MNIST, 20% symmetric, 4 epochs: .9879 and .9889.

    References
    ----------
    Jordan, Jin, Boza, You, Cesista, Newhouse and Bernstein (2024), "Muon: An optimizer for hidden
    layers in neural networks".
    """

    def __init__(self, net: nn.Module, weight_decay: float) -> None:
        trained = [parameter for parameter in net.parameters() if parameter.requires_grad]
        self._filters = [parameter for parameter in trained if parameter.ndim == 4]
        # Muon takes matrices: the same memory, seen as one row for each filter.
        self._matrices = [nn.Parameter(_rows(filters.detach())) for filters in self._filters]
        others = [parameter for parameter in trained if parameter.ndim != 4]
        self._muon = torch.optim.Muon(
            self._matrices,
            weight_decay=weight_decay,
            momentum=_MOMENTUM,
            ns_steps=_ROUNDS,
            adjust_lr_fn="match_rms_adamw",  # so that one learning rate serves both
        )
        self._adamw = torch.optim.AdamW(others, weight_decay=weight_decay)

    def step(self, loss: Tensor, learning_rate: float) -> None:
        """Follow the gradient of a loss, a scalar."""
        loss.backward()  # type: ignore[no-untyped-call]
        for filters, matrix in zip(self._filters, self._matrices, strict=True):
            assert filters.grad is not None
            matrix.grad, filters.grad = _rows(filters.grad), None
        for optimizer in (self._muon, self._adamw):
            for group in optimizer.param_groups:
                group["lr"] = learning_rate
            optimizer.step()  # type: ignore[no-untyped-call]
            optimizer.zero_grad(set_to_none=True)

    def state(self) -> dict[str, Any]:
        """Tensors and plain values, for a checkpoint."""
        return {"muon": self._muon.state_dict(), "adamw": self._adamw.state_dict()}

    def load(self, state: Mapping[str, Any]) -> None:
        self._muon.load_state_dict(state["muon"])
        self._adamw.load_state_dict(state["adamw"])


def _rows(filters: Tensor) -> Tensor:
    """(out, in, h, w), channels last, as (out, h * w * in)."""
    return filters.permute(0, 2, 3, 1).flatten(1)
