"""What can go wrong with probes; that a service does not answer is none of it."""

from __future__ import annotations

from pitwall.core.errors import Conflict, InvalidInput, NotFound


class ProbeInvalid(InvalidInput):
    """A probe cannot be run as it is written; `details.problems` names every place."""

    default_code = "probe.invalid"


class ProbePackInvalid(InvalidInput):
    """The probes of a pack or of `probes.file` cannot be loaded; every problem has its file and line."""

    default_code = "probe.pack_invalid"


class ProbeNotFound(NotFound):
    """There is no probe of this name."""

    default_code = "probe.not_found"


class ProbeFromPack(Conflict):
    """The probe comes with a pack or a file, and nobody changed it; disable it instead."""

    default_code = "probe.from_pack"
