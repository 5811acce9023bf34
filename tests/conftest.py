"""The browser of the browser tests: the machine's own Chromium, driven in the page as a person would."""

import os
import threading
import time
from importlib import import_module

import pytest
from django.apps import apps

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
    """The live server, waited for at the end: a closing page sends a last draft, and the tables are emptied next.

    The server shares its connection with the test (a database in memory), so that a request that failed then would
    take the emptying back with itself. Each connection has a thread, from before its request is read until it is shut.
    """
    yield live_server
    deadline, quiet = time.monotonic() + 30, 0
    while quiet < 6:
        busy = [thread.name for thread in threading.enumerate() if "process_request_thread" in thread.name]
        assert time.monotonic() < deadline, f"still being answered 30 seconds after the test: {busy}"
        quiet = 0 if busy else quiet + 1
        time.sleep(0.05)


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
