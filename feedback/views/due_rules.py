"""How many days an answer may take: what is in force, where it comes from, and a province's own dated rules."""

from django.contrib import messages
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from core.errors import DomainError, NotAllowed
from core.routing import form_page, page
from feedback.due_rules import FIXED, days_in_force, rule_rows
from feedback.forms.due_rules import DueRuleForm
from feedback.services.due_rules import add_due_rule
from meetings.access import RULE_KEEPERS, RULE_READERS, may_keep_rules
from meetings.views.keeping import own_provinces


@page(roles=RULE_READERS)
def due_rule_list(request):
    today = timezone.localdate()
    provinces = list(own_provinces(request.user, today))
    context = {
        "in_force": days_in_force(provinces[0] if provinces else None, today),
        "fixed": FIXED,
        "rows": rule_rows(provinces, today),
        "may_add": any(may_keep_rules(request.user, province) for province in provinces),
    }
    return TemplateResponse(request, "feedback/due_rule_list.html", context)


@form_page(roles=RULE_KEEPERS)
def due_rule_add(request):
    """A new dated rule; the one before it ends."""
    today = timezone.localdate()
    provinces = own_provinces(request.user, today)
    form = DueRuleForm(request.POST or None, provinces=provinces, today=today, initial={"province": provinces.first()})
    if form.is_valid():
        try:
            add_due_rule(actor=request.user, **form.arguments())
        except NotAllowed:
            raise
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            messages.success(request, "Đã lưu thời hạn mới. Ý kiến đã tiếp nhận trước đó giữ hạn cũ.")
            return redirect("due_rule_list")
    return TemplateResponse(request, "feedback/due_rule_add.html", {"form": form}, status=422 if form.is_bound else 200)
