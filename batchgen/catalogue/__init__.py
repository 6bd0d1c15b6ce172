"""What the account has, held against what rows ask for: avatars, voices, money. Advises; only the provider decides."""

from batchgen.catalogue.asked import Asked, asked_by
from batchgen.catalogue.catalogue import Catalogue, unchecked
from batchgen.catalogue.check import Findings, Places, check
from batchgen.catalogue.fetch import fetch_catalogue

__all__ = ["Asked", "Catalogue", "Findings", "Places", "asked_by", "check", "fetch_catalogue", "unchecked"]
