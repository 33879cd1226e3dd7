"""Share what the extensions need; nothing here is one."""
