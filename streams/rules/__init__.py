"""Alert rules: named subscriptions that choose among the alerts, with cool-down and digest."""

from streams.rules.engine import Delivery, Engine
from streams.rules.loading import load_rules
from streams.rules.model import Match, Rules, Subscription

__all__ = ["Delivery", "Engine", "Match", "Rules", "Subscription", "load_rules"]
