"""The browser of the browser tests: the machine's own Chromium, driven in the page as a person would."""

import os
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
def open_browser(browser, live_server):
    """`open_browser(username)` gives a page of its own, signed in by typing.

    Under the driver's event loop Django has another connection object, which does not know what a serialized rollback
    restores; the rows of the migrations are put back here.
    """
    import_module("feedback.migrations.0002_topics").load_topics(apps, None)
    import_module("feedback.migrations.0008_topic_not_chosen").add_topic(apps, None)
    contexts = []

    def sign_in(username, password, width=1280):
        context = browser.new_context(base_url=live_server.url, viewport={"width": width, "height": 900}, locale="vi")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.goto("/dang-nhap/")
        page.fill("[name=username]", username)
        page.fill("[name=password]", password)
        page.press("[name=password]", "Enter")
        page.wait_for_url(f"{live_server.url}/")
        return page

    yield sign_in
    for context in contexts:
        context.close()
