"""What every Excel book on its way in has in common: questions to answer before it is written, its job, its file.

Each book is a record with `unit`, `name`, `path`, `state`, `report`, `job_id`, `created_by_id`, `request_id`; its own
room says what its rows mean.
"""

from dataclasses import asdict

from django.conf import settings
from django.db import transaction

from core.activity import record
from core.errors import DomainError
from core.files import check_upload, safe_name, store_upload
from core.jobs import create_job
from core.models import Job, JobStatus
from intake.tables import DAYS, LETTERS, NOTE, UNREAD, Fault, IntakeQuestion

HEADINGS = {
    UNREAD: ("Không được đọc hoặc đang ẩn", "Đúng, bỏ qua phần không được đọc; phần đang ẩn vẫn nhập."),
    LETTERS: ("Chữ theo bảng mã cũ", "Đúng, chuyển sang Unicode như trên."),
    DAYS: ("Ngày và tháng có thể bị đảo", "Đúng, các ngày ghi như trong tệp."),
    NOTE: ("Cần biết", ""),
}
"""{kind of question: (what is asked, the answer that lets the file through)}."""
ASKED = (UNREAD, LETTERS, DAYS)
ENDS = ("faulty", "unreadable")
UNANSWERED = "Tệp có điều cần xác nhận nên chưa ghi gì: {}. Sửa tệp rồi gửi lại, hoặc xác nhận từng điều."


def refused(questions, accepted):
    """Why a book is not written yet: a Question that needs an answer is not among the `accepted` ones. "" if none."""
    waiting = {each.kind for each in questions if each.kind in ASKED and each not in accepted}
    words = "; ".join(HEADINGS[kind][0].lower() for kind in ASKED if kind in waiting)
    return UNANSWERED.format(words) if words else ""


def check_answers(questions, accepted):
    if refusal := refused(questions, accepted):
        raise DomainError(refusal, "accept")


def as_report(questions):
    return [asdict(each) for each in questions]


def asked_in(report):
    """The questions that were shown with a report."""
    return [IntakeQuestion(**each) for each in report.get("questions", ())]


def grouped(report):
    """[(kind, heading, answer, questions)] as a page lists them; without an answer they are only told."""
    questions = asked_in(report)
    found = ((kind, [each for each in questions if each.kind == kind]) for kind in HEADINGS)
    return [
        {"kind": kind, "title": HEADINGS[kind][0], "answer": HEADINGS[kind][1], "rows": rows}
        for kind, rows in found
        if rows
    ]


def add_answers(parser):
    """The options of a command that answer the questions of a file."""
    parser.add_argument(
        "--accept-unread", action="store_true", help="leave out what is not read, take in what is hidden"
    )
    parser.add_argument("--accept-letters", action="store_true", help="turn TCVN3 and VNI text into Unicode as shown")
    parser.add_argument("--accept-days", action="store_true", help="take the days as they stand in the file")


def answered(questions, options):
    """Those of the questions that the options of a command agree to."""
    return [each for each in questions if options.get(f"accept_{each.kind}")]


def told(report):
    """Lines in which a command tells of faults and questions, and of the options that answer these."""
    yield from (f"{Fault(**fault).place}{fault['text']}" for fault in report["faults"])
    for group in grouped(report):
        option = f" (đồng ý: --accept-{group['kind']})" if group["answer"] else ""
        yield f"{group['title']}{option}:"
        for each in group["rows"]:
            yield f"  {each.place}{f'“{each.before}” → ' if each.before else ''}{each.text}"


def receive(model, folder, *, actor, unit, file, request_id, earlier, work):
    """Keep an uploaded book and have a worker check it, once for each `request_id`; `earlier` books go. `work`: the
    (kind, title, verb) of its job and of the log. What fails leaves no file behind."""
    key = f"{actor.pk}:{request_id}"[:100] if request_id else None
    if key and (known := model.objects.filter(request_id=key).first()):
        return known
    check_upload(file, ("xlsx",))
    drop(earlier)
    kind, title, verb = work
    path = store_upload(file, folder)
    try:
        with transaction.atomic():
            item = model.objects.create(
                unit=unit, name=safe_name(file.name), path=path, created_by_id=actor.pk, request_id=key
            )
            start(item, actor.pk, kind, f"{title} {item.name}")
            record(actor.pk, verb, item, after={"unit": unit.pk, "size": file.size})
    except BaseException:
        unlink([path])
        raise
    return item


def start(item, owner_id, kind, title):
    """Have a worker take a step with a book."""
    job = create_job(kind=kind, title=title, params={"import_id": item.pk}, owner_id=owner_id)
    type(item).objects.filter(pk=item.pk).update(job_id=job.pk)
    item.job_id = job.pk


def has_failed(item):
    return Job.objects.filter(pk=item.job_id, status=JobStatus.FAILED).exists()


def settle(item, before, after, **fields):
    """Bring a book from one state to another, unless it has left the first one meanwhile. The file of a book that
    cannot be written goes: a mended one is sent instead."""
    if after in ENDS:
        fields["path"] = ""
    moved = type(item).objects.filter(pk=item.pk, state=before).update(state=after, **fields)
    if moved and after in ENDS:
        path = item.path
        transaction.on_commit(lambda: unlink([path]))


def drop(stale):
    """Remove books with their files."""
    paths = list(stale.exclude(path="").values_list("path", flat=True))
    stale.delete()
    transaction.on_commit(lambda: unlink(paths))


def unlink(paths):
    for path in filter(None, paths):
        (settings.FILES / path).unlink(missing_ok=True)
