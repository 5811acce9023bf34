"""Take the pictures of the main pages of a running demo: python scripts/screenshots.py [address] [folder] [name…].

Signs in as the sample account of each role (from the accounts file) and saves every page at 1280 and 360 pixels.
"""

import json
import os
import shutil
import sys
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
PAGES = {
    "home-commune": ("commune", 0, "/", ""),
    "home-leader": ("leader", 0, "/", ""),
    "log": ("commune", 0, "/", "a.task-title:has-text('Hội nghị giao ban tháng') ; button:has-text('Tiếp tục')"),
    "opinions": ("leader", 0, "/y-kien/", ""),
    "opinion": ("leader", 0, "/y-kien/", "main tbody a"),
    "heat": ("leader", 0, "/hoi-nghi/bieu-nhiet/", ""),
    "reports": ("specialist", 0, "/bao-cao/?ky=2016", ""),
    "visits": ("cadre", 0, "/di-co-so/", ""),
}
"""Name: role, which of its accounts, address, and what to click there first ("log" puts a meeting on the calendar)."""


def main(address="http://127.0.0.1:8000", folder="docs/img", *names):
    accounts = json.loads((Path(os.environ.get("GIAOBAN_VAR", "var")) / "demo-accounts.json").read_text("utf-8"))
    Path(folder).mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for name, (role, number, path, click) in PAGES.items():
            if not names or name in names:
                account = [account for account in accounts if account["role"] == role][number]
                shoot(browser, address, account, path, click, Path(folder) / name)
        browser.close()


def shoot(browser, address, account, path, click, target):
    """One page at both widths, in a fresh session each."""
    for width in (1280, 360):
        page = browser.new_page(viewport={"width": width, "height": 900}, locale="vi")
        page.goto(f"{address}/dang-nhap/?next={quote(path)}")
        page.fill("[name=username]", account["username"])
        page.fill("[name=password]", account["password"])
        page.press("[name=password]", "Enter")
        page.wait_for_load_state()
        for selector in filter(None, click.split(" ; ")):
            if page.locator(selector).count():
                page.locator(selector).first.click()
                page.wait_for_load_state()
        page.screenshot(path=f"{target}-{width}.png")
        page.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
