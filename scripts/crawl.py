"""What the pages of a demo answer, before and after a change that users must not see.

python scripts/crawl.py take FILE [pages of one role, 300]    one account of each role follows the links from its home
python scripts/crawl.py compare BEFORE AFTER                   status, title, figures, links and words of each page

Reads the database of GIAOBAN_VAR (make run, or migrate, load_units and seed_demo); both crawls on the same day. A role
opens a few addresses of each kind, the first that its pages link to.
"""

import json
import os
import re
import sys
from collections import Counter, deque
from html import unescape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

ROOT = Path(__file__).resolve().parent.parent
FEW = 4
SKIPPED = ("logout", "session_keep")
INLINE = "a|abbr|b|code|em|i|small|span|strong|time"
INLINE = "a|abbr|b|code|em|i|small|span|strong|time"
PARTS = ("status", "title", "measures", "links", "words")


def take(target, most=300):
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "giaoban.settings")
    os.environ.setdefault("DEBUG", "1")
    import django

    django.setup()
    from django.conf import settings

    settings.ALLOWED_HOSTS = ["testserver"]
    accounts = json.loads((Path(settings.VAR) / "demo-accounts.json").read_text("utf-8"))
    first = {}
    for account in accounts:
        first.setdefault(account["role"], account["username"])
    found = {role: dict(_pages_of(username, most)) for role, username in sorted(first.items())}
    Path(target).write_text(json.dumps(found, ensure_ascii=False, indent=0), "utf-8")
    for role, pages in found.items():
        print(f"{role}: {len(pages)} pages", dict(Counter(page["status"] for page in pages.values())))


def _pages_of(username, most):
    """(address, what it answers) of the pages an account reaches from its home, breadth first."""
    from django.test import Client
    from django.urls import Resolver404, resolve

    from people.models import User

    browser = Client(raise_request_exception=False)
    browser.force_login(User.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend")
    waiting, seen, kinds = deque(["/"]), {"/"}, Counter()
    while waiting and most:
        address = waiting.popleft()
        try:
            name = resolve(urlsplit(address).path).url_name
        except Resolver404:
            continue
        if name in SKIPPED or kinds[name] >= FEW:
            continue
        kinds[name] += 1
        most -= 1
        answer = browser.get(address)
        page = _answered(answer, address)
        yield address, page
        for link in page["links"]:
            if link.startswith("/") and link not in seen:
                seen.add(link)
                waiting.append(link)


def _answered(answer, address):
    if not answer.get("Content-Type", "").startswith("text/html"):
        answer.close()
        kind = answer.get("Content-Type", "")
        return {"status": answer.status_code, "title": kind, "measures": [], "links": [], "words": ""}
    text = answer.content.decode()
    title = re.search(r"<title>(.*?)</title>", text, re.S)
    links = {urljoin(address, unescape(link)).split("#")[0] for link in re.findall(r'href="([^"]+)"', text)}
    shown = re.sub(r"<(script|style|svg).*?</\1>", " ", text, flags=re.S)
    words = unescape(re.sub(r"<[^>]+>", " ", re.sub(rf"</?({INLINE})\b[^>]*>", "", shown)))
    return {
        "status": answer.status_code,
        "title": " ".join(title[1].split()) if title else "",
        "measures": re.findall(r'data-measure="([^"]+)"[^>]*>\s*([^<]*)', text),
        "links": sorted(link for link in links if "csrf" not in link and not link.startswith("/static/")),
        "words": re.sub(r"\s+([,.;:)])", r"\1", " ".join(words.split())),
    }


def compare(before, after):
    """Print the counts and the first differences; 1 when there is one."""
    old, new = (json.loads(Path(name).read_text("utf-8")) for name in (before, after))
    counts, shown = Counter(), 0
    for role, pages in old.items():
        for address, page in pages.items():
            counts["pages"] += 1
            other = new.get(role, {}).get(address)
            if other is None:
                counts["missing"] += 1
                print(f"{role} {address}: not reached any more")
                continue
            counts["figures"] += len(page["measures"])
            counts["links"] += len(page["links"])
            for part in PARTS:
                if page[part] != other[part]:
                    counts[f"other {part}"] += 1
                    if (shown := shown + 1) <= 40:
                        print(f"{role} {address}: {part}: {_first_difference(page[part], other[part])}")
    print(", ".join(f"{count} {name}" for name, count in counts.items()))
    return int(any(name.startswith(("other", "missing")) for name in counts))


def _first_difference(one, other):
    if not isinstance(one, str) or not isinstance(other, str):
        one, other = json.dumps(one, ensure_ascii=False), json.dumps(other, ensure_ascii=False)
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return f"…{one[max(at - 40, 0) : at + 60]}… is …{other[max(at - 40, 0) : at + 60]}…"


if __name__ == "__main__":
    act, *words = sys.argv[1:] or ["help"]
    if act == "take":
        take(words[0], *map(int, words[1:2]))
    elif act == "compare":
        sys.exit(compare(*words[:2]))
    else:
        print(__doc__)
