"""What comes in from outside: files of other formats, and the one door to the network."""
