"""Lay out the moderators' view of the queue; what is pressed is read from its id alone."""
