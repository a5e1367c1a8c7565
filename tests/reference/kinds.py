"""What the kinds of events mean, by the definitions."""

from __future__ import annotations

# What the contact did with the e-mail of a step; it is on a step that sent one.
ENGAGEMENTS = ("opened", "clicked", "replied")
# May come long after; without ids it is of the enrollment that had sent the e-mail.
OF_EMAIL = ("opened", "clicked")
# Shows that a step was sent or handed out. What was opened was sent, also when its step event is late.
OF_STEP = ("step_executed", *ENGAGEMENTS)
# Shows that the enrollment has started.
STARTING = (*OF_STEP, "bounced", "unsubscribed", "meeting_booked_through_sequence", "finished")
