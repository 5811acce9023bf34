"""Widgets that write their HTML themselves: Django's select renders a template for every single option."""

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join

CHOSEN, OTHER = '<option value="{}" selected>{}</option>', '<option value="{}">{}</option>'


class LeanSelect(forms.Select):
    """A flat select for filters with many options; no groups, no disabled options."""

    def render(self, name, value, attrs=None, renderer=None):
        chosen = {str(each) for each in self.format_value(value)}
        written = ((format_html(CHOSEN if str(key) in chosen else OTHER, key, label),) for key, label in self.choices)
        final = self.build_attrs(self.attrs, {**(attrs or {}), "name": name})
        return format_html("<select{}>{}</select>", flatatt(final), format_html_join("", "{}", written))
