"""The pages of the window, one for each step; the run's is `emgsmr.gui.widgets.run_page`."""
