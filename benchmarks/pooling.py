"""What a pool of a thousand arms costs, against numpy and scipy doing the same for one file."""

from __future__ import annotations

import random
import sys
from pathlib import Path

from benchmarks.measure import Command, Measured, in_turn
from benchmarks.synthetic import SEED

PEER = Path(__file__).with_name("numpy_pool.py")
ARMS = 1_000


def arms_file(folder: Path, arms: int = ARMS) -> Path:
    """Write invented arms, none of them empty or full, and return the file."""
    draw = random.Random(SEED)
    lines = ["xi,ni"]
    for _ in range(arms):
        total = draw.randint(15, 200)
        share = min(max(draw.gauss(0.2, 0.08), 0.03), 0.9)
        lines.append(f"{min(max(sum(draw.random() < share for _ in range(total)), 1), total - 1)},{total}")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "arms.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def pool_and_numpy(kb: str, folder: Path, rounds: int) -> tuple[Measured, Measured, Measured]:
    """Return how long `kb meta` takes by REML, numpy for the same, and `kb meta` by its binomial-normal model."""
    path = str(arms_file(folder))
    pooled = [kb, "meta", "--data", path, "--measure", "PLO", "-f", "json", "--method"]
    reml, numpy, glmm = in_turn(
        Command([*pooled, "REML"], folder), Command([sys.executable, str(PEER), path], folder), Command([*pooled, "GLMM"], folder), rounds=rounds,
    )  # fmt: skip
    return reml, numpy, glmm
