"""How long a video will be and what it costs."""

from batchgen.price.calibration import NOTHING_LEARNT, Calibration, learnt_from
from batchgen.price.estimate import NO_KINDS, Estimate, Kinds, cost, estimate
from batchgen.price.length import AUDIO_HIGH_S, Length, length_of, spoken_length
from batchgen.price.tables import MICRO, PriceTable, price_problems, price_tables

__all__ = [
    "AUDIO_HIGH_S",
    "MICRO",
    "NOTHING_LEARNT",
    "NO_KINDS",
    "Calibration",
    "Estimate",
    "Kinds",
    "Length",
    "PriceTable",
    "cost",
    "estimate",
    "learnt_from",
    "length_of",
    "price_problems",
    "price_tables",
    "spoken_length",
]
