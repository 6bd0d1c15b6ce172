"""Listening: the provider tells by itself when a video is done, and the run looks at once instead of by and by.

A message is checked (signature, or the secret in the path), written down durably, and answered; that is all. It is a
reason to look, never an answer: the run that holds the job asks the provider itself.
"""

from batchgen.listen.addresses import callback_url, endpoint_url
from batchgen.listen.inbox import Ear
from batchgen.listen.kept import callback_secret, kept_file
from batchgen.listen.registration import Registration, register, rotate, unregister
from batchgen.listen.secrets_in_use import GivenSecret, KeptSecrets, SecretsInUse
from batchgen.listen.server import Receiver, open_port, url_of

__all__ = [
    "Ear",
    "GivenSecret",
    "KeptSecrets",
    "Receiver",
    "Registration",
    "SecretsInUse",
    "callback_secret",
    "callback_url",
    "endpoint_url",
    "kept_file",
    "open_port",
    "register",
    "rotate",
    "unregister",
    "url_of",
]
