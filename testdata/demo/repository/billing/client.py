"""Charges cards. The key of the card processor comes from the environment, where the platform put it."""

import os

API_KEY = os.environ["CARD_PROCESSOR_API_KEY"]


def headers() -> dict[str, str]:
    return {"Authorization": f"Bearer {API_KEY}"}
