"""Coordinators: of groups (who belongs to one, who reads what, how far it has come) and of transactions."""
