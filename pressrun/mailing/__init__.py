"""Sending: recipients, a ledger of who got what, a relay to hand messages to, and what a mail server's log tells."""
