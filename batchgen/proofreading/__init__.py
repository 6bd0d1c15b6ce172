"""What a careful colleague would notice in a sheet before anything is paid for. Nothing here stops a run."""

from batchgen.proofreading.proofread import proofread

__all__ = ["proofread"]
