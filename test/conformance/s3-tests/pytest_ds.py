"""A plugin for pytest: every test has a time limit, and one of several processes runs its share of the tests."""
import os
import signal

import pytest

LIMIT_SECONDS = int(os.environ['DS_TEST_SECONDS'])
SHARE, SHARES = (int(word) for word in os.environ['DS_SHARE'].split('/'))


def pytest_collection_modifyitems(config, items):
    items[:] = items[SHARE::SHARES]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item):
    def too_long(*_):
        raise TimeoutError(f'no end after {LIMIT_SECONDS} s')

    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(LIMIT_SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
