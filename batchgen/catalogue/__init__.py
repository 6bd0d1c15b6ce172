"""What the account has, held against what rows ask for: avatars, voices, money. Advises; only the provider decides."""

from batchgen.catalogue.asked import Asked, asked_by
from batchgen.catalogue.cache import cache_file
from batchgen.catalogue.catalogue import Catalogue, unchecked
from batchgen.catalogue.check import Findings, Places, check
from batchgen.catalogue.doubts import doubts_about_money
from batchgen.catalogue.fetch import fetch_catalogue

__all__ = [
    "Asked",
    "Catalogue",
    "Findings",
    "Places",
    "asked_by",
    "cache_file",
    "check",
    "doubts_about_money",
    "fetch_catalogue",
    "unchecked",
]
