"""Hold every sentence that a member, a moderator or a server reads."""
