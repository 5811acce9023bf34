"""What people do with posts and accounts: one public verb each."""

from people.services.accounts import (
    change_email,
    change_password,
    create_account,
    disable_account,
    enable_account,
    end_right,
    give_role,
    reset_password,
)
from people.services.posts import appoint, edit_person, end_post, hand_over_post, hold_post, new_person

__all__ = [
    "appoint",
    "change_email",
    "change_password",
    "create_account",
    "disable_account",
    "edit_person",
    "enable_account",
    "end_post",
    "end_right",
    "give_role",
    "hand_over_post",
    "hold_post",
    "new_person",
    "reset_password",
]
