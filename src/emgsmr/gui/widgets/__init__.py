"""What the window is drawn with: plain values of `emgsmr.gui.screen` in, no session known."""
