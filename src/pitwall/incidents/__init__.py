"""Incidents: alerts that belong together, what people do about them, and what explains them."""
