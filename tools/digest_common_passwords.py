"""Write the digests of common passwords that are long enough to be allowed, from a list of them.

Usage: digest_common_passwords.py LIST, one password a line, the most frequent first.
"""

import os
import sys
from pathlib import Path

import django

TARGET = Path(__file__).parents[1] / "src" / "clinic" / "accounts" / "common_passwords.bin"


def main() -> None:
    """Read the list, write the digests in order."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    django.setup()
    from django.contrib.auth import password_validation as rules  # noqa: PLC0415 - needs the settings

    from clinic.accounts.passwords import digest_of  # noqa: PLC0415 - needs the loaded apps

    shortest = next(
        rule.min_length
        for rule in rules.get_default_password_validators()
        if isinstance(rule, rules.MinimumLengthValidator)
    )
    with Path(sys.argv[1]).open(encoding="utf-8", errors="replace") as lines:
        passwords = {line.rstrip("\r\n").casefold() for line in lines}
    digests = sorted({digest_of(each) for each in passwords if len(each) >= shortest})
    TARGET.write_bytes(b"".join(digests))
    print(f"{len(digests)} digests in {TARGET}")


if __name__ == "__main__":
    main()
