"""Reads back what lies in outputs/ and judges it; makes nothing, and shares no code with what makes it."""
