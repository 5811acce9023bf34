"""What somebody typed and has not sent: kept for its owner only, on every machine, until it is sent or two weeks old.

One row for each form and page (tab) it was typed in, so that two windows never write over each other.
"""

from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from core.errors import DomainError
from core.files import check_upload, safe_name, store_upload
from core.models import Draft, KeptFile

KEPT = timedelta(days=14)
FILE_KEPT = timedelta(days=2)
MOST_FILES = 20
MOST_OF_ONE = 40
MOST_SHOWN = 5
MOST_EARLIER = 5
EARLIER_AFTER = 600
"""Seconds between two earlier versions of a draft; one that loses much of its text is kept at once."""
ASKED = "nhap"
"""The parameter of the address that leads back to a draft."""
COOKIE = "giaoban_last"
CHOSEN = "draft_files"
"""In the content of a draft: names of the files that were chosen in its form."""
NOT_KEPT = ("csrfmiddlewaretoken", "draft_form", "draft_tab", "draft_title", "draft_address")


def keep_draft(owner_id, *, form, tabs, title, address, content, action=""):
    """Write one page's draft over its own former one; the oldest of an owner go when there are too many.

    `tabs`: the page, and the drafts that were put back into it, which it replaces.
    """
    tab, *replaced = [word[:36] for word in tabs]
    facts = {"title": title[:200], "address": address[:500], "action": action[:300], "content": content}
    facts["earlier"] = _earlier(owner_id, [tab, *replaced], content)
    draft, _ = Draft.objects.update_or_create(
        owner_id=owner_id, form=form[:120], tab=tab, defaults=facts | {"saved_at": timezone.now()}
    )
    drop_drafts(owner_id, replaced)
    old = Draft.objects.filter(owner_id=owner_id).order_by("-saved_at").values_list("pk", flat=True)[MOST_OF_ONE:]
    Draft.objects.filter(pk__in=list(old)).delete()
    return draft


def _earlier(owner_id, tabs, content):
    """Former versions [{at, content}] of what these pages hold, the latest first."""
    rows = list(Draft.objects.filter(owner_id=owner_id, tab__in=tabs).order_by("-saved_at"))
    found = [version for row in rows for version in row.earlier]
    last, size = max((version["at"] for version in found), default=0), len(str(content))
    for row in rows:
        at = int(row.saved_at.timestamp())
        is_due = timezone.now().timestamp() - last >= EARLIER_AFTER or size < len(str(row.content)) * 0.8
        if row.content != content and (is_due or row.tab != tabs[0]):
            found.append({"at": at, "content": row.content})
    return sorted(found, key=lambda version: -version["at"])[:MOST_EARLIER]


def drafts_since(day):
    """Everybody's drafts kept from a day on, one after the other; for those who must take something out of them."""
    return Draft.objects.filter(saved_at__date__gte=day).order_by("pk").iterator(200)


def contents_of(draft):
    """What a draft holds, its earlier versions included."""
    return [draft.content, *(version["content"] for version in draft.earlier)]


def drafts_of(owner_id):
    """The latest draft of each form of a person, newest first."""
    found = {}
    rows = Draft.objects.filter(owner_id=owner_id).order_by("-saved_at").defer("content", "earlier")[:MOST_OF_ONE]
    for draft in rows:
        found.setdefault(draft.form, draft)
    return list(found.values())[:MOST_SHOWN]


def drop_drafts(owner_id, tabs):
    Draft.objects.filter(owner_id=owner_id, tab__in=tabs).delete()


def tidy_drafts(now):
    """Drop what nobody came back to."""
    return Draft.objects.filter(saved_at__lt=now - KEPT).delete()[0]


def typed_fields(data):
    """{name: values} of a form as it was sent, without what belongs to the sending."""
    return {name: values for name, values in data.lists() if name not in NOT_KEPT}


def is_local(address):
    return address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None)


def remember_owner(response, user):
    """Who last signed in here, so that a form sent after the session ended is kept for that person only."""
    token = signing.dumps(user.pk, salt=COOKIE)
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(KEPT.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def keep_sent(request, has_page):
    """Keep a form that came after its session had ended; the answer is the address to come back to.

    None where nobody is known to own it, nothing was typed, or a password was. `has_page`: its address shows the form.
    """
    owner_id, content = _owner_of(request), typed_fields(request.POST)
    if owner_id is None or not (content or request.FILES) or any("password" in name for name in content):
        return None
    if request.FILES:
        keep_files(request, owner_id)
        content[CHOSEN] = [f"{name}:{file.name}" for name, file in request.FILES.items()]
    before = urlsplit(request.headers.get("Referer", ""))
    address = request.get_full_path() if has_page else before.path if before.netloc == request.get_host() else "/"
    if not is_local(address):
        address = "/"
    draft = keep_draft(
        owner_id,
        form=request.POST.get("draft_form") or request.path,
        tabs=request.POST.get("draft_tab", "").split() or [f"sent-{timezone.now().timestamp()}"],
        title=request.POST.get("draft_title", "") or "Biểu mẫu gửi khi phiên đã hết",
        address=address,
        content=content,
        action=request.path,
    )
    path = urlsplit(address)
    return f"{path.path}?{'&'.join(filter(None, [path.query, f'{ASKED}={draft.pk}']))}"


def _owner_of(request):
    expired = getattr(request, "expired_user_id", None)
    if expired is not None:
        return expired
    try:
        return signing.loads(request.COOKIES.get(COOKIE, ""), salt=COOKIE, max_age=KEPT)
    except signing.BadSignature:
        return None


def asked_draft(request):
    """The draft that the address leads back to, when it is the user's own."""
    pk = request.GET.get(ASKED, "")
    if not (pk.isascii() and pk.isdecimal() and len(pk) < 19):
        return None
    return Draft.objects.filter(pk=pk, owner_id=request.user.pk).first()


def files_before(request, draft):
    """({field: KeptFile}, names of files to be chosen again) of a form that was sent when the session had ended."""
    chosen = dict(word.partition(":")[::2] for word in draft.content.get(CHOSEN, ()))
    rows = KeptFile.objects.filter(owner_id=request.user.pk, action=draft.action, field__in=chosen).order_by("pk")
    kept = {row.field: row for row in rows if row.name == safe_name(chosen[row.field])}
    return kept, [name for field, name in chosen.items() if field not in kept]


def words_before(draft):
    """The sentences that a draft holds, for a page without JavaScript, which cannot put them back."""
    technical = ("base", "version", "draft_labels", CHOSEN)
    texts = [text for name, values in draft.content.items() if name not in technical for text in values]
    return [text for text in dict.fromkeys(texts) if " " in text.strip()]


def typed_before(request):
    """The data of a form that was sent when the session had ended, to be shown again; None otherwise."""
    draft = asked_draft(request) if request.method == "GET" else None
    if draft is None or draft.action != request.path:
        return None
    data = QueryDict(mutable=True)
    for name, values in draft.content.items():
        data.setlist(name, values)
    return data


def keep_files(request, owner_id):
    """Keep the files of a refused form; one of a wrong kind or too big is what was refused, and is not kept."""
    kept = {}
    for field, upload in request.FILES.items():
        try:
            check_upload(upload)
        except DomainError:
            continue
        if isinstance(upload, ReturnedFile):
            kept[field] = upload.row
            continue
        facts = {"name": safe_name(upload.name), "size": upload.size, "path": store_upload(upload, "kept")}
        kept[field] = KeptFile.objects.create(
            owner_id=owner_id, action=request.path, field=field, kept_at=timezone.now(), **facts
        )
    old = KeptFile.objects.filter(owner_id=owner_id).order_by("-pk").values_list("pk", flat=True)[MOST_FILES:]
    _drop_files(KeptFile.objects.filter(pk__in=list(old)))
    return kept


class ReturnedFile(UploadedFile):
    """A kept file as if it had been chosen again."""

    def __init__(self, row):
        super().__init__((settings.FILES / row.path).open("rb"), row.name, size=row.size)
        self.row = row


def return_files(request):
    """Put the files a form says it keeps (`kept_<field>`) among those sent, unless it sends another or drops them."""
    for name in [name for name in request.POST if name.startswith("kept_")]:
        field, pk = name.removeprefix("kept_"), request.POST[name]
        if field in request.FILES or f"drop_{field}" in request.POST or not (pk.isascii() and pk.isdecimal()):
            continue
        own = KeptFile.objects.filter(owner_id=request.user.pk, action=request.path, field=field)
        row = own.filter(pk=int(pk[:18])).first()
        if row and (settings.FILES / row.path).is_file():
            request.FILES[field] = ReturnedFile(row)


def drop_files(request):
    """The form has arrived: what was kept for it goes."""
    _drop_files(KeptFile.objects.filter(owner_id=request.user.pk, action=request.path))


def files_below(addresses):
    """Files that wait for a form whose address begins with one of these."""
    begun = Q(pk__in=[])
    for address in addresses:
        begun |= Q(action__startswith=address)
    return KeptFile.objects.filter(begun)


def forget(rows):
    """Drop these drafts and kept files, whoever owns them."""
    Draft.objects.filter(pk__in=[row.pk for row in rows if isinstance(row, Draft)]).delete()
    _drop_files(KeptFile.objects.filter(pk__in=[row.pk for row in rows if isinstance(row, KeptFile)]))


def tidy_files(now):
    return _drop_files(KeptFile.objects.filter(kept_at__lt=now - FILE_KEPT))


def _drop_files(rows):
    for path in list(rows.values_list("path", flat=True)):
        (settings.FILES / path).unlink(missing_ok=True)
    return rows.delete()[0]
