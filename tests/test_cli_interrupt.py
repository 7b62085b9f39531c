"""Ctrl-C stops work within moments, even work that takes no notice."""

import signal
import subprocess
import sys
import threading

import pytest

from focusstack.cli.interrupt import Interruptible, Stopped

STUBBORN = """
import sys, time
from focusstack.cli import app, interrupt

def invoke(argv, session):
    session.interruptible.run(lambda: work(session.interruptible.cancel))
    return 0

def work(cancel):
    print("working", flush=True)
    {work}

app._invoke = invoke
sys.exit(app.run([]))
"""


def start(work, *, ignore=False):
    """A process in whose interruptible thread ``work`` runs; started with SIGINT as in a shell."""
    handling = signal.SIG_IGN if ignore else signal.SIG_DFL
    process = subprocess.Popen(
        [sys.executable, "-c", STUBBORN.format(work=work)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, handling),
    )
    assert process.stdout.readline() == "working\n"
    return process


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
)
def test_work_that_takes_no_notice_is_left_behind(number, code):
    process = start("time.sleep(600)")
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == code
    assert said == "stopped; nothing was written\n"


def test_work_that_notices_may_end_by_itself():
    process = start("cancel.wait(600); sys.stderr.write('tidied, ')")
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said == "tidied, stopped; nothing was written\n"


def test_an_ignored_signal_stays_ignored():
    process = start("time.sleep(0.5)", ignore=True)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 0
    process.communicate()


def test_results_and_errors_come_through():
    with Interruptible() as interruptible:
        assert interruptible.run(lambda: 7) == 7
        with pytest.raises(ZeroDivisionError):
            interruptible.run(lambda: 1 // 0)


def test_handlers_are_put_back():
    before = signal.getsignal(signal.SIGINT)
    with Interruptible():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_a_signal_between_two_pieces_of_work_stops_at_once():
    with Interruptible() as interruptible:
        interruptible.run(lambda: None)
        with pytest.raises(Stopped) as caught:
            signal.raise_signal(signal.SIGTERM)
    assert caught.value.signum == signal.SIGTERM
    assert not caught.value.abandoned


def test_another_thread_leaves_signals_alone():
    before = signal.getsignal(signal.SIGINT)
    seen = []

    def elsewhere():
        with Interruptible() as interruptible:
            seen.append(signal.getsignal(signal.SIGINT))
            seen.append(interruptible.run(lambda: 3))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert seen == [before, 3]
