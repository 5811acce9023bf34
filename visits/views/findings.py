"""From a finding to an opinion: the form, filled with what the visit says."""

import uuid

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from core.errors import DomainError
from core.routing import form_page
from feedback.models import Topic
from feedback.selectors import competences_on
from visits.access import may_raise_finding
from visits.forms import FindingForm
from visits.models import Visit
from visits.services import raise_finding
from visits.views.visits import VISITING
from visits.words import shown_to


@form_page(roles=VISITING)
def visit_raise(request, pk):
    visits = Visit.objects.visible_to(request.user).select_related("unit", "commune")
    visit, today = get_object_or_404(visits, pk=pk), timezone.localdate()
    if not may_raise_finding(request.user, visit):
        return redirect(visit)
    _, is_kept = shown_to(request.user, visit)
    form = FindingForm(
        request.POST or None,
        initial={"text": "" if is_kept else visit.findings, "competence": "commune", "request_id": uuid.uuid4()},
        topics=[(topic.pk, topic.name) for topic in Topic.objects.choices_on(visit.visited_on)],
        competences=competences_on(visit, visit.visited_on),
    )
    if request.method == "POST" and form.is_valid():
        try:
            request_id = form.cleaned_data["request_id"]
            opinion = raise_finding(pk, form.draft(), actor=request.user, request_id=request_id, today=today)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            messages.success(request, f"Đã chuyển thành ý kiến số {opinion}.")
            return redirect(visit)
    status = 422 if form.is_bound else 200
    context = {"form": form, "visit": visit, "is_kept": is_kept}
    return TemplateResponse(request, "visits/finding_form.html", context, status=status)
