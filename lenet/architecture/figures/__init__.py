"""What the architecture and home pages draw."""
