"""Which enrollment a deal is credited to, and rows of fct_deals."""

from __future__ import annotations

from decimal import Decimal

from .attribution import latest
from .crm import Deal
from .facts import Enrollment


def credit(deals: list[Deal], enrollments: list[Enrollment]) -> None:
    """Give each deal to the latest enrollment of its contacts that had started when it was created."""
    for deal in deals:
        if deal.created_at is None:
            continue
        found = latest(
            [
                enrollment
                for enrollment in enrollments
                if enrollment.contact_id in deal.contacts
                and enrollment.started_at is not None
                and enrollment.started_at <= deal.created_at
            ]
        )
        if found is not None:
            deal.credited_enrollment_id = found.enrollment_id
            found.deals.append(deal)


def revenue(enrollment: Enrollment) -> Decimal:
    """Sum of the amounts, in the account's currency, of the credited deals that are closed-won.

    One that is missing, or that nothing turns into that currency, is 0.
    """
    total = Decimal(0)
    for deal in enrollment.deals:
        if deal.is_closed_won and deal.home_amount is not None:
            total += deal.home_amount
    return total


def deal_row(portal_id: str, deal: Deal) -> dict:
    """One row of fct_deals."""
    return {
        "portal_id": portal_id,
        "deal_id": deal.deal_id,
        "deal_name": deal.name,
        "pipeline_id": deal.pipeline_id,
        "stage_id": deal.stage_id,
        "created_at": deal.created_at,
        "closed_at": deal.closed_at,
        "amount": deal.amount,
        "currency_code": deal.currency,
        "amount_in_home_currency": deal.home_amount,
        "is_closed_won": deal.is_closed_won,
        "credited_enrollment_id": deal.credited_enrollment_id,
    }
