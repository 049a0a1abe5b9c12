"""What all packages share. Nothing here imports another package of the app."""
