"""emgsmr: which muscle is doing another's work, from surface EMG of sensors that a runner can buy."""
