"""Settings of Pitwall: read once where a process starts, checked, frozen and passed down."""

from __future__ import annotations

from pitwall.settings.fields import MaskingMode, MaskingRule, Profile
from pitwall.settings.groups import (
    AccessSettings,
    CostsSettings,
    IncidentSettings,
    IngestSettings,
    LoggingSettings,
    MaskingSettings,
    ModelsSettings,
    NotificationSettings,
    PricesSettings,
    ServerSettings,
    Settings,
    VocSettings,
)
from pitwall.settings.loader import LoadedSettings, load, load_settings
from pitwall.settings.production import Problem, check_production, refuse_unsafe_production
from pitwall.settings.store_groups import RetentionSettings, StateStoreSettings, TelemetryStoreSettings

__all__ = [
    "AccessSettings",
    "CostsSettings",
    "IncidentSettings",
    "IngestSettings",
    "LoadedSettings",
    "LoggingSettings",
    "MaskingMode",
    "MaskingRule",
    "MaskingSettings",
    "ModelsSettings",
    "NotificationSettings",
    "PricesSettings",
    "Problem",
    "Profile",
    "RetentionSettings",
    "ServerSettings",
    "Settings",
    "StateStoreSettings",
    "TelemetryStoreSettings",
    "VocSettings",
    "check_production",
    "load",
    "load_settings",
    "refuse_unsafe_production",
]
