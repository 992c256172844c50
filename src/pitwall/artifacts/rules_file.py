"""The rules file: bands of signals, alert rules of packs, and the server itself."""

from __future__ import annotations

from pitwall.artifacts.pack_rules import pack_rules
from pitwall.artifacts.packs import Declared
from pitwall.artifacts.prometheus_rules import SERVER_RULES, band_rules, yaml_text

_LEFT_OUT = "# Rules of packs that only Pitwall itself can evaluate:\n"


def rules_file(declared: Declared) -> str:
    """The rules of a Prometheus that scrapes Pitwall.

    Every band is one alert, on the whole and on each service and model. The whole is what `pitwall signals
    show` judges; a part may be ill while the whole looks well. Either needs as many observations as the band
    does. An alert of a part carries its labels.
    """
    bands = [rule.written() for rule in band_rules(declared.catalogue)]
    rules = pack_rules(declared.rules, declared.catalogue)
    groups = [
        {"name": "pitwall-server", "rules": list(SERVER_RULES)},
        {"name": "pitwall-signals", "rules": bands},
        {"name": "pitwall-rules", "rules": list(rules.written)},
    ]
    left_out = "".join(f"#   {name}: {reason}\n" for name, reason in rules.left_out)
    text = yaml_text({"groups": [group for group in groups if group["rules"]]})
    return text + (_LEFT_OUT + left_out if left_out else "")
