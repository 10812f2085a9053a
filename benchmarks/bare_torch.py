"""The reference of `train`: nothing but the net, its optimiser and the batches.

python -m benchmarks.bare_torch IMAGES.npz WIDTH BATCH DTYPE THREADS EPOCHS prints images/s.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import torch
from torch import nn

from models.nets.patch_net import NetConfig, PatchNet


def main() -> None:
    source, dtype = sys.argv[1], sys.argv[4]
    width, batch, threads, epochs = (int(sys.argv[i]) for i in (2, 3, 5, 6))
    torch.set_num_threads(threads)
    with np.load(source) as arrays:
        images, labels = arrays["images"], arrays["labels"].astype(np.int64)
    pixels, targets = torch.from_numpy(images)[:, None], torch.from_numpy(labels)
    n_classes = int(labels.max()) + 1
    net = PatchNet(NetConfig((*images.shape[1:], 1), n_classes, width))
    net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    with torch.no_grad():
        net.fit_stem(pixels[:2_000].float() / 255)
    optimizer = torch.optim.AdamW([p for p in net.parameters() if p.requires_grad], 3e-3)
    spent, seen = 0.0, 0
    for _ in range(epochs):
        order = torch.randperm(len(pixels))
        began = time.perf_counter()
        for ids in torch.split(order, batch):
            inputs = (pixels[ids].float() / 255).contiguous(memory_format=torch.channels_last)
            with torch.autocast("cpu", torch.bfloat16, enabled=dtype == "bfloat16"):
                logits = net(inputs)
            loss = nn.functional.cross_entropy(logits.float(), targets[ids])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
        spent += time.perf_counter() - began
        seen += len(order)
    print(seen / spent)


if __name__ == "__main__":
    main()
