"""One net being trained: a step on a batch, an evaluation of a batch, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.nets.patch_net import NetConfig, PatchNet
from models.training.batches import Batches
from models.training.optimizer import Optimizer
from models.types import LabelVector, Mask, Probs, SampleIds

OF_CLASSES = ("classify.weight", "classify.bias")  # what of a net has a row for each class


class Learner:
    """A PatchNet with its optimiser and the images it works on, in one number format."""

    def __init__(
        self, config: NetConfig, batches: Batches, dtype: str, weight_decay: float, seed: int
    ) -> None:
        self.config, self.dtype = config, dtype
        self.device, self._batches = batches.device, batches
        torch.manual_seed(seed)
        self.net = PatchNet(config).to(self.device)
        # torch's stubs do not know Module.to(memory_format=...)
        self.net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._optimizer = Optimizer(self.net, weight_decay)
        self._log_noise: Tensor | None = None
        self._class_weights: Tensor | None = None

    def fit_stem(self, ids: SampleIds) -> None:
        """Whiten by some images."""
        with torch.no_grad():
            self.net.fit_stem(self._batches.take(ids))

    def weigh(self, class_weights: NDArray[np.float32]) -> None:
        """Let the loss of an image count by its class, (k,), from now on."""
        self._class_weights = torch.from_numpy(class_weights).to(self.device)

    def expect(self, transition: Probs | None) -> None:
        """Learn from labels that are wrong as often as (k, k) `transition` says, from now on.

        The net is then fitted to what its classes would be labelled as, not to the labels, so
        that it learns what the images show and has no need to learn wrong labels by heart.

        References
        ----------
        Patrini, Rozza, Menon, Nock and Qu (2017), "Making Deep Neural Networks Robust to Label
        Noise: A Loss Correction Approach", CVPR (the forward correction).
        """
        if transition is None:
            self._log_noise = None
        else:
            self._log_noise = torch.from_numpy(transition).to(self.device).log()

    def step(
        self,
        ids: SampleIds,
        labels: LabelVector,
        learning_rate: float,
        *,
        moves: NDArray[np.int64] | None = None,
        mirrored: Mask | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Learn from one batch; softmax (b, k) and loss (b,), unweighted, as before the step.

        Both stay on the device, so that a GPU need not be waited for after each batch. `moves`
        and `mirrored` are those of Batches.take.
        """
        self.net.train()
        images = self._batches.take(ids, moves, mirrored)
        targets = torch.from_numpy(labels.astype(np.int64)).to(self.device)
        with self._autocast():
            logits = self.net(images).float()
        if self._log_noise is None:
            losses = nn.functional.cross_entropy(logits, targets, reduction="none")
        else:
            losses = -(logits.log_softmax(1) + self._log_noise.T[targets]).logsumexp(1)
        weighted = losses if self._class_weights is None else losses * self._class_weights[targets]
        self._optimizer.step(weighted.mean(), learning_rate)
        return logits.detach().softmax(1), losses.detach()

    def evaluate(self, ids: SampleIds) -> tuple[Probs, NDArray[np.float32]]:
        """Softmax (b, k) and embedding (b, d) of one batch."""
        self.net.eval()
        with torch.inference_mode(), self._autocast():
            features = self.net.embed(self._batches.take(ids))
            logits = self.net.classify(features)
        return logits.float().softmax(1).cpu().numpy(), features.float().cpu().numpy()

    def describe(self, ids: SampleIds) -> NDArray[np.float32]:
        """Features (b, d) of one batch that need no training."""
        with torch.inference_mode():
            features = self.net.describe(self._batches.take(ids))
        return features.cpu().numpy()

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps: tensors and plain values only."""
        return {"net": self.net.state_dict(), "optimizer": self._optimizer.state()}

    def load(self, state: Mapping[str, Any]) -> None:
        self.net.load_state_dict(state["net"])
        if "optimizer" in state:
            self._optimizer.load(state["optimizer"])

    def begin_with(self, net: Mapping[str, Tensor], share: float = 1.0) -> None:
        """Take over the weights of a net of the same shape, which may know fewer classes.

        With a `share` below 1 they are mixed with those this net has now, so that it keeps what
        the other saw and less of what that learned by heart.

        References
        ----------
        Ash and Adams (2020), "On Warm-Starting Neural Network Training", NeurIPS.
        """
        own, weights = self.net.state_dict(), dict(net)
        for name in OF_CLASSES:
            weights[name] = torch.cat([net[name], own[name][len(net[name]) :]])
        for name, parameter in self.net.named_parameters():
            if parameter.requires_grad:
                weights[name] = share * weights[name] + (1 - share) * own[name]
        self.net.load_state_dict(weights)

    def _autocast(self) -> torch.autocast:
        wanted = self.dtype == "bfloat16"
        return torch.autocast(self.device.type, torch.bfloat16, enabled=wanted)
