"""Settings of the products that evaluation runs are sent to."""

from __future__ import annotations

from pydantic import Field

from pitwall.settings.fields import Group, TrackerUrl
from pitwall.settings.secrets import Secret


class LangfuseTrackerSettings(Group):
    """Langfuse, for runs that are sent to it."""

    url: TrackerUrl | None = None
    """Address of Langfuse, such as https://langfuse.example.org."""
    public_key: str | None = None
    """Public key of the project that runs are sent to."""
    secret_key: Secret | None = None
    """Secret key of that project."""


class PhoenixTrackerSettings(Group):
    """Phoenix, for runs that are sent to it."""

    url: TrackerUrl | None = None
    """Address of Phoenix, such as http://127.0.0.1:6006."""
    api_key: Secret | None = None
    """API key, where Phoenix asks for one."""
    project: str = "pitwall"
    """Project of Phoenix that runs are sent to."""


class MlflowTrackerSettings(Group):
    """MLflow, for runs that are sent to it."""

    url: TrackerUrl | None = None
    """Address of the tracking server, such as http://127.0.0.1:5000."""
    experiment: str = "pitwall"
    """Experiment of MLflow that runs are sent to."""
    token: Secret | None = None
    """Bearer token, where MLflow asks for one."""
    username: str | None = None
    """User, where MLflow asks for user and password."""
    password: Secret | None = None
    """Password of the user."""


class TrackersSettings(Group):
    """Other products that evaluation runs are sent to, if `--tracker` names one."""

    langfuse: LangfuseTrackerSettings = LangfuseTrackerSettings()
    """Langfuse."""
    phoenix: PhoenixTrackerSettings = PhoenixTrackerSettings()
    """Phoenix."""
    mlflow: MlflowTrackerSettings = MlflowTrackerSettings()
    """MLflow."""
    timeout_seconds: float = Field(default=10.0, gt=0, le=120)
    """How long a tracker may take for an answer."""
    max_seconds: float = Field(default=600.0, gt=0)
    """How long sending a run to a tracker may take."""
    max_characters: int = Field(default=1_000, ge=10, le=100_000)
    """Length that texts are cut to before they are sent."""
    max_context_characters: int = Field(default=500, ge=10, le=100_000)
    """Length that contexts are cut to before they are sent."""
