"""What the kernel page draws."""
