"""The browser of the browser tests: the machine's own Chromium, driven in the page as a person would."""

import os
import time
from importlib import import_module

import pytest
from django.apps import apps
from django.core.signals import request_finished, request_started

FLAGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def browser_type_launch_args():
    # The driver keeps an event loop in this thread; Django must still be let at the database in it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    return {"executable_path": os.environ.get("CHROMIUM", "/usr/bin/chromium"), "args": FLAGS}


@pytest.fixture
def quiet_server(live_server):
    """The live server, waited for at the end: a page may still be keeping a draft when its test is over, and the tables
    are emptied next. Requests are counted by Django's own signals, the end of one after its connection is given back.
    """
    under_way = []
    begin = lambda **_: under_way.append(1)  # noqa: E731
    end = lambda **_: under_way.pop()  # noqa: E731
    request_started.connect(begin)
    request_finished.connect(end)
    yield live_server
    deadline = time.monotonic() + 30
    while under_way and time.monotonic() < deadline:
        time.sleep(0.05)
    request_started.disconnect(begin)
    request_finished.disconnect(end)
    assert not under_way, f"{len(under_way)} requests were still being answered 30 seconds after the test"


@pytest.fixture
def open_browser(browser, quiet_server):
    """`open_browser(username)` gives a page of its own, signed in by typing.

    Under the driver's event loop Django has another connection object, which does not know what a serialized rollback
    restores; the rows of the migrations are put back here.
    """
    import_module("feedback.migrations.0002_topics").load_topics(apps, None)
    import_module("feedback.migrations.0008_topic_not_chosen").add_topic(apps, None)
    contexts = []

    def sign_in(username, password, width=1280):
        context = browser.new_context(base_url=quiet_server.url, viewport={"width": width, "height": 900}, locale="vi")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.goto("/dang-nhap/")
        page.fill("[name=username]", username)
        page.fill("[name=password]", password)
        page.press("[name=password]", "Enter")
        page.wait_for_url(f"{quiet_server.url}/")
        return page

    yield sign_in
    for context in contexts:
        context.close()
