"""Serving: what whoever starts a clinic is told while it does not come up."""

import os
import signal
import threading

from clinic import serving
from clinic.place import SETTINGS_FILE


def test_who_waits_for_a_clinic_that_does_not_answer_is_told_so(place, monkeypatch, capfd):
    """Its settings cannot be read: the site ends at once and is tried again."""
    (place.folder / SETTINGS_FILE).write_text("name = ")
    monkeypatch.setattr(serving, "READY_WITHIN", 0.1)
    kept = {name: signal.getsignal(name) for name in (signal.SIGTERM, signal.SIGINT)}
    enough = threading.Timer(14, os.kill, (os.getpid(), signal.SIGTERM))
    enough.start()
    try:
        serving.serve_until_told(serving.listen(8860))
    finally:
        enough.cancel()
        for name, handler in kept.items():
            signal.signal(name, handler)

    told = capfd.readouterr()
    assert "The clinic does not answer yet." in told.err
    assert (
        told.err.count(str(place.folder / SETTINGS_FILE)) > 2
    )  # the site's words and the worker's, again
    assert "Clinic ready" not in told.out
