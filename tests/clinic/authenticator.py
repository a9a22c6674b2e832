"""An authenticator app for journeys: six digits from a secret and the hour, after RFC 6238."""

import base64
import hashlib
import hmac
import struct
import time

PERIOD = 30  # seconds for which an app shows a code


class App:
    """An authenticator app after RFC 6238: it knows the secret that was typed into it."""

    def __init__(self, secret):
        self.key = base64.b32decode(secret + "=" * (-len(secret) % 8))
        self.last = None

    def code(self):
        """Six digits that were not used before, with time left to type them."""
        while time.time() % PERIOD > PERIOD - 4 or int(time.time() // PERIOD) == self.last:
            time.sleep(0.25)
        self.last = int(time.time() // PERIOD)
        digest = hmac.new(self.key, struct.pack(">Q", self.last), hashlib.sha1).digest()
        at = digest[-1] & 15
        number = struct.unpack(">I", digest[at : at + 4])[0] & 0x7FFFFFFF
        return f"{number % 10**6:06}"
