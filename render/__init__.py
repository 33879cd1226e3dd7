"""Admit, submit, poll and deliver renders; know nothing of Discord."""
