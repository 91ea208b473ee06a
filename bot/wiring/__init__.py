"""Joins each platform's folder with its settings section; `bot/app.py` names them in one line."""
