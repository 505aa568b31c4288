"""Answers in a form that was asked for: JSON that fits a schema, and calls of tools."""
