"""The wiring of a live session: radio, recorder, pipeline, and whoever listens."""

from emgsmr.session.listener import Listener, Update
from emgsmr.session.live import Session
from emgsmr.session.run import run_session
from emgsmr.session.sinks import PipelineLike

__all__ = ["Listener", "PipelineLike", "Session", "Update", "run_session"]
