"""What a user can mend. Everything else that is raised is a bug."""

from __future__ import annotations


class UserError(Exception):
    """Something a user can mend; its text is one readable sentence: what, where, how."""

    exit_status = 1


class UsageError(UserError):
    """What was asked for cannot be meant: nothing was touched."""

    exit_status = 2
