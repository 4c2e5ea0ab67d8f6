"""Protocols of exercises and gait: what to do, what to say when, and the events that they leave."""

from emgsmr.analysis.protocols.fields import CUES
from emgsmr.analysis.protocols.protocol import (
    ORDER,
    Protocol,
    as_protocol,
    load_protocol,
    protocol_names,
    protocol_text,
)
from emgsmr.analysis.protocols.schedule import (
    Step,
    declared_pairs,
    opening_event,
    schedule_events,
    session_schedule,
    set_schedule,
    step_event,
)
from emgsmr.analysis.protocols.words import guide_languages, guide_words

__all__ = [
    "CUES",
    "ORDER",
    "Protocol",
    "Step",
    "as_protocol",
    "declared_pairs",
    "guide_languages",
    "guide_words",
    "load_protocol",
    "opening_event",
    "protocol_names",
    "protocol_text",
    "schedule_events",
    "session_schedule",
    "set_schedule",
    "step_event",
]
