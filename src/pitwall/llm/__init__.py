"""Calls to model endpoints: one client, structured replies, limits, a budget, and every call kept."""
