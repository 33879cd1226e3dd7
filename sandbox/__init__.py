"""An offline world: stand-ins for Discord and for the providers, on loopback."""
