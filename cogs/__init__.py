"""Show the renders on Discord: each module here is an extension."""
