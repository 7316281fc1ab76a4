"""Monitors that compare a run with earlier ones, and the alerts they send."""
