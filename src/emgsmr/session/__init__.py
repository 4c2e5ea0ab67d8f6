"""The wiring of a live session: radio, recorder, pipeline, and whoever listens."""

from emgsmr.session.live import Session
from emgsmr.session.run import run_session
from emgsmr.session.sinks import Listener, PipelineLike, Update

__all__ = ["Listener", "PipelineLike", "Session", "Update", "run_session"]
