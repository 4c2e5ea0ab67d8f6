"""What the window is drawn with: each widget draws plain values of `emgsmr.gui.screen`, and knows no session."""
