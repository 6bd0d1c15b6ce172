"""The audit: do ledger, provider, files and sheet agree, and what of it can be mended?"""

from batchgen.audit.findings import Amiss, Finding, audit_files, audit_provider
from batchgen.audit.mend import Audited, Remedy, look_and_mend
from batchgen.audit.while_held import while_held

__all__ = [
    "Amiss",
    "Audited",
    "Finding",
    "Remedy",
    "audit_files",
    "audit_provider",
    "look_and_mend",
    "while_held",
]
