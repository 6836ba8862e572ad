"""What travels between machines and what it is called: names, errors, settings, messages, record batches."""
