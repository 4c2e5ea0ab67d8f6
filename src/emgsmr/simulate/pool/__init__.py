"""Pools of motor units: excitation, force, fatigue, load sharing, and the EMG that follows."""
