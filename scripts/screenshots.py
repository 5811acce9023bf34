"""Take the pictures of the main pages of a running demo: python scripts/screenshots.py [address] [folder] [name…].

Signs in as the sample account of each role (from the accounts file) and saves every page at 1280 and 360 pixels.
"""

import json
import os
import shutil
import sys
from pathlib import Path

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
    "home-commune": ("commune", "/"),
    "home-leader": ("leader", "/"),
    "home-agency": ("agency", "/"),
    "home-province": ("specialist", "/"),
    "meetings": ("commune", "/hoi-nghi/"),
    "meetings-province": ("specialist", "/hoi-nghi/"),
    "heat": ("leader", "/hoi-nghi/bieu-nhiet/"),
    "opinions": ("leader", "/y-kien/"),
    "opinions-agency": ("agency", "/y-kien/"),
    "visits": ("cadre", "/di-co-so/"),
    "reports": ("specialist", "/bao-cao/"),
    "units": ("specialist", "/don-vi/"),
    "directory": ("commune", "/danh-ba/"),
    "accounts": ("admin", "/tai-khoan/"),
    "activity": ("admin", "/nhat-ky/"),
    "me": ("leader", "/toi/"),
    "notices": ("leader", "/thong-bao/"),
}


def main(address="http://127.0.0.1:8000", folder="docs/img", *names):
    accounts = json.loads((Path(os.environ.get("GIAOBAN_VAR", "var")) / "demo-accounts.json").read_text("utf-8"))
    by_role = {}
    for account in accounts:
        by_role.setdefault(account["role"], account)
    Path(folder).mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for name, (role, path) in PAGES.items():
            if not names or name in names:
                shoot(browser, address, by_role[role], path, Path(folder) / name)
        browser.close()


def shoot(browser, address, account, path, target):
    """One page at both widths, in a fresh session each."""
    for width in (1280, 360):
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.goto(f"{address}/dang-nhap/?next={path}")
        page.fill("[name=username]", account["username"])
        page.fill("[name=password]", account["password"])
        page.click("main button[type=submit], form button.btn-primary")
        page.wait_for_load_state()
        page.screenshot(path=f"{target}-{width}.png", full_page=True)
        page.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
