"""Somebody saved first: nothing is overwritten, what was typed stays, saving again is a choice."""

from core.errors import Conflict


def overtaken(what):
    """The sentence for a page that shows what is saved above the form with what was typed."""
    return f"{what} vừa được người khác lưu, nên chưa ghi đè. Bản đang lưu hiện ở trên, phần đồng chí nhập còn ở dưới."


def refuse(form, error, read_saved=None):
    """Put a refusal at its field. After a conflict the form takes the version of `read_saved()` over.

    Returns what is saved now, None without a conflict.
    """
    form.add_error(error.field if error.field in form.fields else None, error.message)
    if read_saved is None or not isinstance(error, Conflict):
        return None
    saved, form.data = read_saved(), form.data.copy()
    form.data[form.add_prefix("version")] = str(saved.version)
    return saved
